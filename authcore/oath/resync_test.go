package oath_test

import (
	"math"
	"testing"

	"github.com/doorward/doorward/authcore/oath"
)

func TestResyncHOTP(t *testing.T) {
	k := hotpKey()
	const last = 41
	for _, c := range []struct {
		name          string
		first, second int64
		ok            bool
	}{
		{"the very next two", last + 1, last + 2, true},
		{"in the middle", last + 500, last + 501, true},
		{"at the end", last + 999, last + 1000, true},
		{"half beyond", last + 1000, last + 1001, false},
		{"beyond", last + 1001, last + 1002, false},
		{"half used", last, last + 1, false},
		{"used", last - 1, last, false},
		{"the same twice", last + 20, last + 20, false},
		{"one left out", last + 20, last + 22, false},
		{"the wrong way round", last + 21, last + 20, false},
	} {
		got, ok := k.ResyncHOTP(codeOf(k, c.first), codeOf(k, c.second), last)
		if ok != c.ok || ok && got != c.second || !ok && got != -1 {
			t.Errorf("%s: %d, %v", c.name, got, ok)
		}
	}
	if got, ok := k.ResyncHOTP(codeOf(k, 0), codeOf(k, 1), -1); !ok || got != 1 {
		t.Errorf("a fresh device: %d, %v", got, ok)
	}
}

func TestResyncNeedsBothCodes(t *testing.T) {
	hotp, totp := hotpKey(), totpKey()
	right, next := codeOf(hotp, 1020), codeOf(hotp, 1021)
	for _, pair := range [][2]string{{right, ""}, {"", next}, {right, "00000000"}, {"00000000", next}, {"", ""}} {
		if got, ok := hotp.ResyncHOTP(pair[0], pair[1], 999); ok || got != -1 {
			t.Errorf("HOTP, %q: %d, %v", pair, got, ok)
		}
		if got, ok := totp.ResyncTOTP(pair[0], pair[1], at(1000), -1); ok || got != -1 {
			t.Errorf("TOTP, %q: %d, %v", pair, got, ok)
		}
	}
}

func TestResyncHOTPAtTheHighestCounter(t *testing.T) {
	k := hotpKey()
	top := int64(math.MaxInt64)
	for _, c := range []struct {
		first, last int64
		ok          bool
	}{
		{top - 1, top - 2, true},
		{top - 1, top - 900, true},
		{top - 1, top - 1, false},
		{top - 1, top, false},
		{top, top - 1, false},
		{-2, top - 10, false},
		{-2, -10, false},
		{-1, -10, false},
	} {
		second := int64(uint64(c.first) + 1)
		got, ok := k.ResyncHOTP(codeOf(k, c.first), codeOf(k, second), c.last)
		if ok != c.ok || ok && got != second {
			t.Errorf("first %d, last %d: %d, %v", c.first, c.last, got, ok)
		}
	}
}

func TestResyncTOTP(t *testing.T) {
	k := totpKey()
	const now = 40_000_000
	for _, c := range []struct {
		name          string
		first, second int64 // from now
		last          int64 // from now
		ok            bool
	}{
		{"on time", 0, 1, -5000, true},
		{"late to the end", -500, -499, -5000, true},
		{"early to the end", 499, 500, -5000, true},
		{"half too late", -501, -500, -5000, false},
		{"half too early", 500, 501, -5000, false},
		{"too late", -502, -501, -5000, false},
		{"too early", 501, 502, -5000, false},
		{"just unused", 3, 4, 2, true},
		{"half used", 3, 4, 3, false},
		{"used", 3, 4, 4, false},
		{"one left out", 3, 5, -5000, false},
		{"the same twice", 3, 3, -5000, false},
		{"the wrong way round", 4, 3, -5000, false},
	} {
		got, ok := k.ResyncTOTP(codeOf(k, now+c.first), codeOf(k, now+c.second), at(now), now+c.last)
		if ok != c.ok || ok && got != now+c.second || !ok && got != -1 {
			t.Errorf("%s: %d, %v", c.name, got, ok)
		}
	}
	if got, ok := k.ResyncTOTP(codeOf(k, 0), codeOf(k, 1), at(400), -1); !ok || got != 1 {
		t.Errorf("the first steps of all: %d, %v", got, ok)
	}
	if got, ok := k.ResyncTOTP(codeOf(k, -1), codeOf(k, 0), at(0), -10); ok {
		t.Errorf("a step before 1970 counted: %d", got)
	}
	if oath.ResyncWindow != 1000 {
		t.Errorf("ResyncWindow is %d", oath.ResyncWindow)
	}
}
