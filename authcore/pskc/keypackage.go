package pskc

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/doorward/doorward/authcore/oath"
)

// take makes a key of a KeyPackage.
func (r *Reader) take(p *element) (Key, error) {
	if r.lock == nil {
		l, err := r.open(p.line)
		if err != nil {
			return Key{}, err
		}
		r.lock = l
	}
	k := Key{Line: p.line}
	if err := r.read(&k, p); err != nil {
		return Key{}, &KeyError{p.line, k.Serial, err.Error()}
	}
	return k, nil
}

func (r *Reader) read(k *Key, p *element) error {
	parts, err := p.only(in(nsPSKC, "DeviceInfo"), in(nsPSKC, "CryptoModuleInfo"), in(nsPSKC, "Key"))
	if err != nil {
		return err
	}
	key := parts[in(nsPSKC, "Key")]
	if key != nil {
		k.Serial = shortID(key.attr("Id")) // until a better one is found
	}
	if err := r.readDevice(k, parts[in(nsPSKC, "DeviceInfo")]); err != nil {
		return err
	}
	if key == nil {
		return errors.New("<KeyPackage> has no <Key>")
	}
	if key.attr("Id") == "" {
		return errors.New("<Key> has no attribute Id")
	}
	if k.Serial == "" {
		return fmt.Errorf("the Id of <Key> has more than %d bytes, and there is no <SerialNo>", maxText)
	}
	return r.readKey(k, key)
}

// shortID is the Id of a key that can be a serial.
func shortID(id string) string {
	id = strings.Join(strings.Fields(id), " ")
	if len(id) > maxText {
		return ""
	}
	return id
}

// readDevice reads DeviceInfo (section 4.3.1).
func (r *Reader) readDevice(k *Key, e *element) error {
	if e == nil {
		return nil
	}
	parts, err := e.only(in(nsPSKC, "Manufacturer"), in(nsPSKC, "SerialNo"), in(nsPSKC, "Model"), in(nsPSKC, "IssueNo"),
		in(nsPSKC, "DeviceBinding"), in(nsPSKC, "StartDate"), in(nsPSKC, "ExpiryDate"), in(nsPSKC, "UserId"))
	if err != nil {
		return err
	}
	serial, err := parts[in(nsPSKC, "SerialNo")].words()
	if err != nil {
		return err
	}
	if serial != "" {
		k.Serial = serial
	}
	if k.Manufacturer, err = parts[in(nsPSKC, "Manufacturer")].words(); err != nil {
		return err
	}
	_, err = r.dates(parts)
	return err
}

// readKey reads Key (section 4.1), as sections 10.1 and the profile of TOTP have it.
func (r *Reader) readKey(k *Key, e *element) error {
	var err error
	if k.Kind, err = kind(e.attr("Algorithm")); err != nil {
		return err
	}
	parts, err := e.only(in(nsPSKC, "Issuer"), in(nsPSKC, "AlgorithmParameters"), in(nsPSKC, "KeyProfileId"), in(nsPSKC, "KeyReference"),
		in(nsPSKC, "FriendlyName"), in(nsPSKC, "Data"), in(nsPSKC, "UserId"), in(nsPSKC, "Policy"))
	if err != nil {
		return err
	}
	for _, derived := range []string{"KeyProfileId", "KeyReference"} {
		if parts[in(nsPSKC, derived)] != nil {
			return fmt.Errorf("the key is not in the file, but derived from another one (<%s>): ask the maker for a container with the keys in it", derived)
		}
	}
	if k.FriendlyName, err = parts[in(nsPSKC, "FriendlyName")].words(); err != nil {
		return err
	}
	if err := k.readParameters(parts[in(nsPSKC, "AlgorithmParameters")]); err != nil {
		return err
	}
	if err := r.readPolicy(k, parts[in(nsPSKC, "Policy")]); err != nil {
		return err
	}
	return k.readData(r.lock, parts[in(nsPSKC, "Data")])
}

// kind reads the algorithm of a key. Some makers still write what was the name in the
// drafts of the RFC, with a #.
func kind(algorithm string) (string, error) {
	switch algorithm {
	case nsPSKC + ":hotp", nsPSKC + "#hotp":
		return "hotp", nil
	case nsPSKC + ":totp", nsPSKC + "#totp":
		return "totp", nil
	}
	return "", fmt.Errorf("the algorithm of the key is %s: %s:hotp and :totp can be used", quote(algorithm), nsPSKC)
}

// readParameters reads AlgorithmParameters (section 4.3.4).
func (k *Key) readParameters(e *element) error {
	if e == nil {
		return errors.New("<AlgorithmParameters> is missing: it says how many digits a code has")
	}
	// Section 11 has them as a choice, the examples of the profiles together.
	parts, err := e.only(in(nsPSKC, "Suite"), in(nsPSKC, "ResponseFormat"))
	if err != nil {
		return err
	}
	suite, err := parts[in(nsPSKC, "Suite")].words()
	if err != nil {
		return err
	}
	if k.Algorithm, err = algorithm(suite); err != nil {
		return err
	}
	format := parts[in(nsPSKC, "ResponseFormat")]
	if format == nil {
		return errors.New("<ResponseFormat> is missing: it says how many digits a code has")
	}
	if encoding := format.attr("Encoding"); encoding != "DECIMAL" {
		return fmt.Errorf("the Encoding of <ResponseFormat> is %s: DECIMAL can be used", quote(encoding))
	}
	for _, name := range []string{"CheckDigit", "CheckDigits"} { // the RFC's text, and its schema
		if check := format.attr(name); check != "" && check != "false" && check != "0" {
			return fmt.Errorf("%s of <ResponseFormat>: codes with a check digit can't be used", name)
		}
	}
	if k.Digits, err = strconv.Atoi(format.attr("Length")); err != nil {
		return errors.New("the Length of <ResponseFormat> is no number")
	}
	return nil
}

// algorithm reads Suite: HMAC-SHA256, HmacSHA256, SHA-256 and the like.
func algorithm(suite string) (oath.Algorithm, error) {
	bare := strings.TrimPrefix(strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToUpper(suite)), "HMAC")
	switch a := oath.Algorithm(bare); a {
	case oath.SHA1, oath.SHA256, oath.SHA512:
		return a, nil
	case "":
		return oath.SHA1, nil
	}
	return "", fmt.Errorf("the <Suite> of the key is %s: HMAC-SHA1, HMAC-SHA256 and HMAC-SHA512 can be used", quote(suite))
}

// readData reads Data (section 4.1).
func (k *Key) readData(l *lock, e *element) error {
	if e == nil {
		return errors.New("<Data> is missing, and with it the secret")
	}
	parts, err := e.only(in(nsPSKC, "Secret"), in(nsPSKC, "Counter"), in(nsPSKC, "Time"), in(nsPSKC, "TimeInterval"), in(nsPSKC, "TimeDrift"))
	if err != nil {
		return err
	}
	secret := parts[in(nsPSKC, "Secret")]
	if secret == nil {
		return errors.New("<Secret> is missing")
	}
	if k.Secret, err = l.bytes(secret); err != nil {
		return fmt.Errorf("<Secret> %w", err)
	}
	number := func(name string, low, high, missing int64) int64 {
		e := parts[in(nsPSKC, name)]
		if e == nil || err != nil {
			return missing
		}
		n, failed := l.integer(e)
		if failed != nil {
			err = fmt.Errorf("<%s> %w", name, failed)
		} else if n < low || n > high {
			err = fmt.Errorf("<%s> is not between %d and %d", name, low, high)
		}
		return n
	}
	if k.Kind == "hotp" {
		k.Counter = number("Counter", 0, math.MaxInt64-1, 0)
	} else {
		k.Period = int(number("TimeInterval", 1, math.MaxInt32, 30))
		k.Drift = int(number("TimeDrift", math.MinInt32, math.MaxInt32, 0))
	}
	if err != nil {
		return err
	}
	return k.check()
}

// check holds the key against what can be used here.
func (k *Key) check() error {
	key := oath.Key{Secret: k.Secret, Algorithm: k.Algorithm, Digits: k.Digits, Period: k.Period}
	if k.Kind == "hotp" {
		return key.ValidateHOTP()
	}
	return key.ValidateTOTP()
}
