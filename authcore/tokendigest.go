package authcore

import "crypto/sha256"

// tokenDigest is what is kept of a token or a key that rand.Text made: it has 130
// random bits, so that a plain hash is enough (NIST SP 800-63B section 3.1.2).
func tokenDigest(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
