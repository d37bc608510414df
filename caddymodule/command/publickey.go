package command

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxKeyFile is longer than any file of one public key.
const maxKeyFile = 64 << 10

// publicKey reads the one public key of a PEM file (RFC 7468 section 13). Nothing else of
// the file is sent; and a file that has a private key is refused: it belongs to whoever
// signs, and nowhere near here.
func publicKey(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxKeyFile+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxKeyFile:
		return nil, fmt.Errorf("%s is longer than %d bytes: name a file with one public key", path, maxKeyFile)
	case bytes.Contains(text, []byte("PRIVATE KEY")): // also one that is no PEM any more
		return nil, fmt.Errorf("%[1]s has a private key, which must stay with whoever signs: nothing was sent. "+
			"Write its public key into a file of its own and name that: openssl pkey -in %[1]s -pubout -out public.pem", path)
	}
	var found []byte
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch {
		case block.Type != "PUBLIC KEY":
			return nil, fmt.Errorf("%s has a %s and not only a public key, which begins with -----BEGIN PUBLIC KEY-----", path, strings.ToLower(block.Type))
		case found != nil:
			return nil, fmt.Errorf("%s has more than one public key: which one signs?", path)
		}
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("the public key in %s can't be read: %w", path, err)
		}
		if found, err = x509.MarshalPKIXPublicKey(key); err != nil {
			return nil, fmt.Errorf("the public key in %s can't be read: %w", path, err)
		}
	}
	if found == nil {
		return nil, fmt.Errorf("%s has no public key in PEM, which begins with -----BEGIN PUBLIC KEY-----", path)
	}
	return found, nil
}
