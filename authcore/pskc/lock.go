package pskc

import (
	"crypto/pbkdf2"
	"fmt"
	"hash"
	"slices"
	"strconv"
)

// lock is what the encrypted values of a container are opened with.
type lock struct {
	sealed bool   // the container has an EncryptionKey
	closed string // why nothing encrypted can be had; empty: it can
	key    []byte
	mac    func() hash.Hash
	macKey []byte // empty: there is no MACMethod
}

// maxIterations of PBKDF2 take some seconds. A file that asks for more is made to
// keep the machine busy.
const maxIterations = 10_000_000

// open finds out how the values of the container are protected (section 6).
func (r *Reader) open(line int) (*lock, error) {
	given := len(r.unlock.PreShared) > 0 || r.unlock.Password != ""
	if r.protects == nil {
		if given {
			// What was expected under a MAC may be what somebody put in its place.
			return nil, at(line, "the container is not encrypted, yet a key or a password was given for it: leave it out, if the file is the right one")
		}
		return &lock{closed: "the container has no EncryptionKey"}, nil
	}
	l := &lock{sealed: true}
	if err := l.unlock(r.protects, r.unlock); err != nil {
		return nil, at(r.protects.line, "%w", err)
	}
	if r.mac == nil || l.closed != "" {
		return l, nil
	}
	if err := l.takeMAC(r.mac); err != nil {
		return nil, at(r.mac.line, "%v", err)
	}
	return l, nil
}

// unlock reads EncryptionKey: a KeyName (section 6.1), a DerivedKey (6.2), or what
// belongs to a certificate (6.3).
func (l *lock) unlock(e *element, u Unlock) error {
	for _, c := range e.children {
		if c.name != in(nsDSig, "KeyName") && c.name != in(nsXMLEnc11, "DerivedKey") {
			l.closed = fmt.Sprintf("it is encrypted with a certificate or another key of the kind <%s>: ask the maker for a container with a pre-shared key or a password", short(c.name.Local))
			return nil
		}
	}
	parts, err := e.only(in(nsDSig, "KeyName"), in(nsXMLEnc11, "DerivedKey"))
	if err != nil {
		return err
	}
	if derived := parts[in(nsXMLEnc11, "DerivedKey")]; derived != nil {
		return l.derive(derived, u.Password)
	}
	name, err := parts[in(nsDSig, "KeyName")].words()
	if err != nil || name == "" {
		return fmt.Errorf("<EncryptionKey> names no key")
	}
	if len(u.PreShared) == 0 {
		return fmt.Errorf("the container is encrypted with the pre-shared key %s: %w", quote(name), ErrNoKey)
	}
	l.key = u.PreShared
	return nil
}

// derive makes the key of a password (section 6.2, RFC 8018 section 5.2).
func (l *lock) derive(e *element, password string) error {
	if password == "" {
		return fmt.Errorf("the container is encrypted with a password: %w", ErrNoPassword)
	}
	p, err := readDerivation(e)
	if err != nil {
		return err
	}
	l.key, err = pbkdf2.Key(p.prf, password, p.salt, p.iterations, p.length)
	return err
}

// derivation is the parameters of PBKDF2.
type derivation struct {
	salt               []byte
	iterations, length int
	prf                func() hash.Hash
}

func readDerivation(e *element) (d derivation, err error) {
	method := e.child(in(nsXMLEnc11, "KeyDerivationMethod"))
	// The RFC spells the first in figure 7 and the second in section 6.2; the third is
	// that of XML Encryption 1.1.
	known := []string{nsPKCS5 + "pbkdf2", "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5#pbkdf2", nsXMLEnc11 + "pbkdf2"}
	if method == nil || !slices.Contains(known, method.attr("Algorithm")) {
		return d, fmt.Errorf("the key is derived by something else than PBKDF2")
	}
	params := method.child(in(nsPKCS5, "PBKDF2-params"), in(nsXMLEnc11, "PBKDF2-params"))
	if d.salt, err = params.local("Salt").local("Specified").base64(); err != nil || len(d.salt) == 0 {
		return d, fmt.Errorf("PBKDF2 has no <Salt> that is <Specified> in Base64")
	}
	if d.iterations, err = params.local("IterationCount").number(); err != nil || d.iterations < 1 || d.iterations > maxIterations {
		return d, fmt.Errorf("<IterationCount> of PBKDF2 is no number from 1 to %d", maxIterations)
	}
	if d.length, err = params.local("KeyLength").number(); err != nil || !slices.Contains([]int{16, 24, 32}, d.length) {
		return d, fmt.Errorf("<KeyLength> of PBKDF2 is not 16, 24 or 32 bytes")
	}
	prf := params.local("PRF").attr("Algorithm")
	if prf == "" {
		prf = nsDSig + "hmac-sha1" // the default of RFC 8018, and what figure 7 means
	}
	if d.prf = hmacs[prf]; d.prf == nil {
		return d, fmt.Errorf("the <PRF> of PBKDF2 is %s: HMAC with SHA-1 or SHA-2 can be done", quote(prf))
	}
	return d, nil
}

// takeMAC reads MACMethod (section 6.1.1). Its key is encrypted like the values, and
// nothing but they will say whether it is the right one.
func (l *lock) takeMAC(e *element) error {
	name := e.attr("Algorithm")
	if l.mac = hmacs[name]; l.mac == nil {
		return fmt.Errorf("the algorithm of <MACMethod> is %s: HMAC with SHA-1 or SHA-2 can be done", quote(name))
	}
	parts, err := e.only(in(nsPSKC, "MACKey"), in(nsPSKC, "MACKeyReference"))
	if err != nil {
		return err
	}
	key := parts[in(nsPSKC, "MACKey")]
	if key == nil {
		return fmt.Errorf("<MACMethod> has no <MACKey>: ask the maker for a container that has it")
	}
	block, sealed, err := l.cipher(key)
	if err != nil {
		return fmt.Errorf("<MACKey>: %w", err)
	}
	if l.macKey, err = decrypt(block, sealed); err != nil || len(l.macKey) < 16 {
		return fmt.Errorf("the key of the MACs can't be decrypted: the key or the password is another one, or the file was altered")
	}
	return nil
}

// local gives a parameter of PBKDF2: figure 7 has them in no namespace, others in
// that of their parent, or in the one that is the default.
func (e *element) local(name string) *element {
	return e.child(in("", name), in(nsPKCS5, name), in(nsXMLEnc11, name), in(nsPSKC, name))
}

// number reads a whole number.
func (e *element) number() (int, error) {
	if e == nil {
		return 0, strconv.ErrSyntax
	}
	return strconv.Atoi(e.text)
}
