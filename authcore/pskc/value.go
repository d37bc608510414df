package pskc

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"strings"
)

// hmacs are the MACs of section 6.1.1, and the PRFs of PBKDF2.
var hmacs = map[string]func() hash.Hash{
	nsDSig + "hmac-sha1": sha1.New,
	"http://www.w3.org/2001/04/xmldsig-more#hmac-sha224": sha256.New224,
	"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256": sha256.New,
	"http://www.w3.org/2001/04/xmldsig-more#hmac-sha384": sha512.New384,
	"http://www.w3.org/2001/04/xmldsig-more#hmac-sha512": sha512.New,
}

// keySizes are the ciphers of section 6.1 that are done here, and their keys in bytes.
var keySizes = map[string]int{
	nsXMLEnc + "aes128-cbc": 16,
	nsXMLEnc + "aes192-cbc": 24,
	nsXMLEnc + "aes256-cbc": 32,
}

// bytes gives a binary value.
func (l *lock) bytes(e *element) ([]byte, error) {
	plain, sealed, err := values(e)
	switch {
	case err != nil:
		return nil, err
	case sealed != nil:
		return l.decrypt(e, sealed)
	case l.sealed:
		// No MAC is over it: whoever wrote into the file may have put it there.
		return nil, errors.New("is in plain text, though the container has an <EncryptionKey>")
	}
	return plain.base64()
}

// integer gives a number. Encrypted ones are decimal digits, or eight or four bytes,
// the most significant first: the RFC does not say, and makers do both.
func (l *lock) integer(e *element) (int64, error) {
	plain, sealed, err := values(e)
	if err != nil {
		return 0, err
	}
	var text string
	if sealed != nil {
		b, err := l.decrypt(e, sealed)
		if err != nil {
			return 0, err
		}
		text = strings.TrimSpace(string(b))
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
		switch len(b) {
		case 4:
			return int64(int32(binary.BigEndian.Uint32(b))), nil
		case 8:
			return int64(binary.BigEndian.Uint64(b)), nil
		}
	} else {
		text = plain.text
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, errors.New("is no whole number")
	}
	return n, nil
}

// values gives the PlainValue or the EncryptedValue of an element of Data.
func values(e *element) (plain, sealed *element, err error) {
	parts, err := e.only(in(nsPSKC, "PlainValue"), in(nsPSKC, "EncryptedValue"), in(nsPSKC, "ValueMAC"))
	if err != nil {
		return nil, nil, err
	}
	plain, sealed = parts[in(nsPSKC, "PlainValue")], parts[in(nsPSKC, "EncryptedValue")]
	switch {
	case (plain == nil) == (sealed == nil):
		return nil, nil, errors.New("has not one of <PlainValue> and <EncryptedValue>")
	case plain != nil && len(plain.children) > 0:
		return nil, nil, errors.New("has elements in its <PlainValue>")
	case plain != nil && parts[in(nsPSKC, "ValueMAC")] != nil:
		return nil, nil, errors.New("has a <ValueMAC> over a plain value, which can't be checked: section 6.1.1 has it over an encrypted one")
	}
	return plain, sealed, nil
}

// decrypt opens an EncryptedValue. The MAC is over what was encrypted, the
// initialization vector included (figure 6), and nothing is decrypted before it is
// right. Section 6.1.1 asks for one where the cipher does not check what it decrypts.
func (l *lock) decrypt(e, value *element) ([]byte, error) {
	if l.closed != "" {
		return nil, fmt.Errorf("can't be decrypted: %s", l.closed)
	}
	block, sealed, err := l.cipher(value)
	if err != nil {
		return nil, err
	}
	if len(l.macKey) == 0 {
		return nil, errors.New("is encrypted with AES-CBC, but the container has no <MACMethod>: section 6.1.1 asks for a MAC")
	}
	tag, err := e.child(in(nsPSKC, "ValueMAC")).base64()
	if err != nil || len(tag) == 0 {
		return nil, errors.New("is encrypted with AES-CBC, but has no <ValueMAC>: section 6.1.1 asks for a MAC")
	}
	mac := hmac.New(l.mac, l.macKey)
	mac.Write(sealed)
	if !hmac.Equal(tag, mac.Sum(nil)) {
		return nil, errors.New("has a wrong <ValueMAC>: the key or the password is another one, or the file was altered")
	}
	return decrypt(block, sealed)
}

// cipher reads what XML Encryption calls EncryptedData.
func (l *lock) cipher(e *element) (cipher.Block, []byte, error) {
	name := e.child(in(nsXMLEnc, "EncryptionMethod")).attr("Algorithm")
	size := keySizes[name]
	if size == 0 {
		return nil, nil, fmt.Errorf("is encrypted with %s: AES-CBC can be done", quote(name))
	}
	if len(l.key) != size {
		return nil, nil, fmt.Errorf("is encrypted with a key of %d bytes: the one that was given, or derived, has %d", size, len(l.key))
	}
	sealed, err := e.child(in(nsXMLEnc, "CipherData")).child(in(nsXMLEnc, "CipherValue")).base64()
	if err != nil {
		return nil, nil, errors.New("has no <CipherValue> in Base64")
	}
	block, err := aes.NewCipher(l.key)
	return block, sealed, err
}

var errBroken = errors.New("is no whole number of blocks with padding")

// decrypt decrypts what begins with its initialization vector, and takes the padding
// away. Its last byte says how long it is; the others are the same byte (section 6.4)
// or anything (XML Encryption section 5.2), and the MAC is over them all.
func decrypt(block cipher.Block, sealed []byte) ([]byte, error) {
	n := len(sealed) - aes.BlockSize
	if n < aes.BlockSize || n%aes.BlockSize != 0 {
		return nil, errBroken
	}
	plain := make([]byte, n)
	cipher.NewCBCDecrypter(block, sealed[:aes.BlockSize]).CryptBlocks(plain, sealed[aes.BlockSize:])
	padding := int(plain[n-1])
	if padding < 1 || padding > aes.BlockSize {
		return nil, errBroken
	}
	return plain[:n-padding], nil
}

var errNotBase64 = errors.New("is no Base64")

// base64 reads the text of an element that may be missing.
func (e *element) base64() ([]byte, error) {
	if e == nil || len(e.children) > 0 {
		return nil, errNotBase64
	}
	b, err := base64.StdEncoding.Strict().DecodeString(strings.Join(strings.Fields(e.text), ""))
	if err != nil {
		return nil, errNotBase64 // the decoder's own text tells of the secret
	}
	return b, nil
}
