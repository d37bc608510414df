package pskc

import (
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"time"
)

// usages are the key usages of section 5.
var usages = []string{"OTP", "CR", "Encrypt", "Integrity", "Verify", "Unlock", "Decrypt", "KeyWrap", "Unwrap", "Derive", "Generate"}

// readPolicy reads Policy (section 5). What is not understood, or can't be kept here,
// forbids the key.
func (r *Reader) readPolicy(k *Key, e *element) error {
	if e == nil {
		return nil
	}
	rest, used := &element{name: e.name}, []string(nil)
	for _, c := range e.children {
		if len(c.attrs) > 0 && c.name != in(nsPSKC, "PINPolicy") || len(e.attrs) > 0 {
			return notUnderstood(errors.New("it has attributes"))
		}
		if c.name == in(nsPSKC, "KeyUsage") { // which may stand there more than once
			used = append(used, c.text)
		} else {
			rest.children = append(rest.children, c)
		}
	}
	if err := checkUsage(used); err != nil {
		return err
	}
	parts, err := rest.only(in(nsPSKC, "StartDate"), in(nsPSKC, "ExpiryDate"), in(nsPSKC, "PINPolicy"), in(nsPSKC, "NumberOfTransactions"))
	if err != nil {
		return notUnderstood(err)
	}
	if parts[in(nsPSKC, "NumberOfTransactions")] != nil {
		return errors.New("<NumberOfTransactions> bounds how often the key may be used, which can't be kept here")
	}
	if err := checkPIN(parts[in(nsPSKC, "PINPolicy")]); err != nil {
		return err
	}
	k.Expires, err = r.dates(parts)
	return err
}

func notUnderstood(err error) error {
	return fmt.Errorf("a <Policy> that is not understood forbids the use of the key (section 5): %w", err)
}

// checkUsage wants OTP among the usages, if there are any.
func checkUsage(used []string) error {
	for _, usage := range used {
		if !slices.Contains(usages, usage) {
			return notUnderstood(fmt.Errorf("<KeyUsage> is %s", quote(usage)))
		}
	}
	if len(used) > 0 && !slices.Contains(used, "OTP") {
		return fmt.Errorf("<KeyUsage> is %s: the key may not be used for OTP", quote(used[0]))
	}
	return nil
}

// checkPIN takes the PINs that the device itself asks for and checks. One that comes
// with the code would have to be known here, and it stands in another KeyPackage.
func checkPIN(e *element) error {
	if e == nil {
		return nil
	}
	known := []string{"PINKeyId", "PINUsageMode", "MaxFailedAttempts", "MinLength", "MaxLength", "PINEncoding"}
	for _, a := range e.attrs {
		if a.Name.Space != "" || !slices.Contains(known, a.Name.Local) {
			return notUnderstood(fmt.Errorf("<PINPolicy> has the attribute %s", short(a.Name.Local)))
		}
	}
	if len(e.children) > 0 {
		return notUnderstood(errors.New("<PINPolicy> has elements"))
	}
	if mode := e.attr("PINUsageMode"); mode != "Local" {
		return fmt.Errorf("the PINUsageMode of <PINPolicy> is %s: only a PIN that the device itself checks (Local) can be had", quote(mode))
	}
	return nil
}

// dates holds StartDate and ExpiryDate against the clock, both of them inclusive.
func (r *Reader) dates(parts map[xml.Name]*element) (expires time.Time, err error) {
	start, err := parts[in(nsPSKC, "StartDate")].date()
	if err != nil {
		return time.Time{}, err
	}
	if expires, err = parts[in(nsPSKC, "ExpiryDate")].date(); err != nil {
		return time.Time{}, err
	}
	if now := r.now(); now.Before(start) {
		return time.Time{}, fmt.Errorf("the key may not be used before %s (<StartDate>): import it then", start.Format(time.RFC3339))
	} else if parts[in(nsPSKC, "ExpiryDate")] != nil && now.After(expires) {
		return time.Time{}, fmt.Errorf("the key may not be used since %s (<ExpiryDate>)", expires.Format(time.RFC3339))
	}
	return expires, nil
}

// date reads a dateTime of an element that may be missing. Without a zone it is UTC,
// as section 5 wants it.
func (e *element) date() (time.Time, error) {
	if e == nil {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, e.text); err == nil && len(e.children) == 0 {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("<%s> is no date and time like 2006-01-31T00:00:00Z", e.name.Local)
}
