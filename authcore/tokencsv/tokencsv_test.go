package tokencsv_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doorward/doorward/authcore/oath"
	"github.com/doorward/doorward/authcore/pskc"
	"github.com/doorward/doorward/authcore/tokencsv"
)

// The key of RFC 4226 appendix D, in both spellings.
const (
	inHex    = "3132333435363738393031323334353637383930"
	inBase32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
)

// read shows each row as text: what is in it, or why it is refused.
func read(t *testing.T, text string) (rows []string, fatal error) {
	t.Helper()
	r, err := tokencsv.NewReader(strings.NewReader(text))
	for err == nil {
		var k pskc.Key
		var bad *pskc.KeyError
		switch k, err = r.Next(); {
		case errors.As(err, &bad):
			rows, err = append(rows, fmt.Sprintf("line %d: %s: %s", bad.Line, bad.Serial, bad.Reason)), nil
		case err == nil:
			rows = append(rows, fmt.Sprintf("%d %s %s %s %s %d %d %d", k.Line, k.Serial, k.Kind, short(k.Secret), k.Algorithm, k.Digits, k.Period, k.Counter))
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return rows, err
}

func short(secret []byte) string {
	if hex.EncodeToString(secret) == inHex {
		return "RFC"
	}
	return hex.EncodeToString(secret)
}

func TestRows(t *testing.T) {
	totp := "S1 totp RFC SHA1 6 30 0"
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"all columns", "S1," + inHex + ",totp,8,60,SHA256\nS2," + inHex + ",hotp,6,17,SHA-512\n", []string{"1 S1 totp RFC SHA256 8 60 0", "2 S2 hotp RFC SHA512 6 0 17"}},
		{"defaults", "S1," + inHex + ",totp\nS2," + inHex + ",hotp,,,", []string{"1 " + totp, "2 S2 hotp RFC SHA1 6 0 0"}},
		{"Base32", "S1," + inBase32 + ",totp", []string{"1 " + totp}},
		{"groups and cases", "S1,gezd gnbv-gy3t qojq GEZD GNBV GY3T QOJQ==,TOTP", []string{"1 " + totp}},
		{"hex in capitals", "S1,3132 3334-3536 373839303132333435363738393A,totp", []string{"1 S1 totp 313233343536373839303132333435363738393a SHA1 6 30 0"}},
		{"words of other makers", "S1," + inHex + ",Time,6,30,sha-1\nS2," + inHex + ",EVENT,6,1,sha256", []string{"1 " + totp, "2 S2 hotp RFC SHA256 6 0 1"}},
		{"semicolons", "S1;" + inHex + ";totp;6;30;SHA1", []string{"1 " + totp}},
		{"tabs", "S1\t" + inHex + "\ttotp\t\t30\t", []string{"1 " + totp}},
		{"quotes", "\"S1\", \"" + inHex + "\", \"totp\"", []string{"1 " + totp}},
		{"a separator in quotes", "\"S;;;;;;1\"," + inHex + ",totp", []string{"1 S;;;;;;1 totp RFC SHA1 6 30 0"}},
		{"a mark and Windows' endings", "\ufeffS1," + inHex + ",totp\r\n\r\n# of 2026\r\nS2," + inHex + ",totp\r\n", []string{"1 " + totp, "4 S2 totp RFC SHA1 6 30 0"}},
		{"empty rows of spreadsheets", "S1," + inHex + ",totp,,,\n,,,,,\n \t \n", []string{"1 " + totp}},
		{"a header", "\ufeff# tokens\nHash;Type;Counter;Secret;Period;Serial;Digits;\nSHA256;hotp;5;" + inHex + ";60;S1;8;\n;totp;5;" + inHex + ";60;S2;;", []string{"3 S1 hotp RFC SHA256 8 0 5", "4 S2 totp RFC SHA1 6 60 0"}},
		{"a header of other words", "secret,algorithm,kind,serial\n" + inBase32 + ",SHA1,totp,S1", []string{"2 " + totp}},
		{"a header below an empty row", ",,\nsecret,type,serial\n" + inBase32 + ",totp,S1", []string{"3 " + totp}},
	} {
		got, err := read(t, c.text)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", c.name, err, diff)
		}
	}
}

const oneColumn = "the line has one column: separate the columns with a comma, a semicolon or a tab"

func TestRowsThatAreRefused(t *testing.T) {
	const long = 64 << 10
	good := "good," + inHex + ",totp\n"
	for _, c := range []struct{ text, want string }{
		{"," + inHex + ",totp", ": the serial is missing"},
		{"S,,totp", "S: the secret is missing"},
		{"S", ": " + oneColumn},
		{"S|" + inHex + "|totp", ": " + oneColumn},
		{"S " + inHex + " totp", ": " + oneColumn},
		{"S:" + inBase32 + ":totp", ": " + oneColumn},
		{"\u00fc,,totp", ": the secret is missing"},
		{inHex + ",12,totp", ": secret has 1 byte: 16 to 128 are allowed; the serial looks like a secret: are the columns in order?"},
		{"S," + inBase32 + ",totp", "S: the secrets of this file are hex, and character 1 of this one is not: 0 to 9 and A to F are allowed"},
		{"S," + inHex + "1,totp", "S: the secret has 41 hex digits, which make no whole number of bytes: is one missing?"},
		{"S,31323334353637383930,totp", "S: secret has 10 bytes: 16 to 128 are allowed"},
		{"S," + strings.Repeat("00", 129) + ",totp", "S: secret has 129 bytes: 16 to 128 are allowed"},
		{"S," + inHex, "S: the type is missing: totp or hotp"},
		{"S," + inHex + ",motp", `S: type is "motp": totp (or time) and hotp (or event) are allowed`},
		{"S," + inHex + ",totp,7", "S: digits is 7: 6 and 8 are allowed"},
		{"S," + inHex + ",totp,six", `S: digits is "six": 6 and 8 are allowed`},
		{"S," + inHex + ",totp,6,14", "S: period is 14 seconds: 15 to 120 are allowed"},
		{"S," + inHex + ",totp,6,1m", `S: period is "1m": it is a number of seconds, 15 to 120`},
		{"S," + inHex + ",hotp,6,-1", `S: counter is "-1": it is a number, 0 or more`},
		{"S," + inHex + ",hotp,6,9223372036854775808", "S: counter is a text of 19 characters: it is a number, 0 or more"},
		{"S," + inHex + ",totp,6,30,MD5", `S: hash is "MD5": SHA1, SHA256 and SHA512 are allowed`},
		{"S," + inHex + ",totp,6,30,SHA1,x", ": field 7 belongs to no column: without a header they are serial, secret, type, digits, period or counter, hash"},
		{"S," + inHex + ",\"totp", ": a quotation mark is not closed, or stands inside of a field: quote whole fields"},
		{"S," + inHex + ",to\"tp", ": a quotation mark is not closed, or stands inside of a field: quote whole fields"},
		{"S\xff," + inHex + ",totp", ": the line is not UTF-8"},
		{"S," + inHex + ",totp" + strings.Repeat(" ", long), ": the line is longer than 65536 bytes"},
	} {
		got, err := read(t, good+c.text+"\n"+good)
		want := []string{"1 good totp RFC SHA1 6 30 0", "line 2: " + c.want, "3 good totp RFC SHA1 6 30 0"}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%.80s: %v\n%s", c.text, err, diff)
		}
	}
	for text, want := range map[string]string{
		"serial;secret;type\nS;" + inHex + ";totp;6": "line 2: : field 4 belongs to no column: the header names 3",
		"tokens\nS;" + inHex + ";totp":               "line 1: : " + oneColumn, // and the title does not say what parts the rest
		"12;" + inHex + ";hotp;;-1":                  `line 1: 12: counter is "-1": it is a number, 0 or more`,
	} {
		if got, err := read(t, text); err != nil || got[0] != want || strings.HasPrefix(text, "tokens") && got[1] != "2 S totp RFC SHA1 6 30 0" {
			t.Errorf("%q: got %q, %v, want %s", text, got, err, want)
		}
	}
	if got, _ := read(t, "S,GEZDGNBVGY3TQOJQGEZDGNBVG1,totp\nT,"+inBase32+",totp"); !strings.HasPrefix(got[0],
		"line 1: S: the secrets of this file are Base32, and character 26 of the secret is not Base32") {
		t.Errorf("got %q", got)
	}
}

const (
	neither = "the first line is neither a device nor a header: the names are serial, secret, type, digits, period, counter, hash"
	noText  = "this is no text file: save a table as CSV in UTF-8"
)

func TestFilesThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "no device stands in the file",
		"\ufeff\n# nothing\n,,\n":      "no device stands in the file",
		"serial,secret,type\n":         "no device stands in the file",
		"\n\"serial\",\"seed\",type\n": `line 2: the header names the column "seed": known are serial, secret, type, digits, period, counter and hash`,
		"secret,type\n":                "line 1: the header does not name the column serial: known are serial, secret, type, digits, period, counter and hash",
		"serial,type\n":                "line 1: the header does not name the column secret: known are serial, secret, type, digits, period, counter and hash",
		"serial,secret\n":              "line 1: the header does not name the column type: known are serial, secret, type, digits, period, counter and hash",
		"Serial Number;Seed;Type\nS1;" + inHex + ";totp": "line 1: " + neither,
		"Serial Number\tSeed\n":                          "line 1: " + neither,
		"S1,totp," + inHex + "\n":                        "line 1: " + neither,
		"serial," + inHex + ",totp\n":                    "line 1: the header names the column a text of 40 characters: known are serial, secret, type, digits, period, counter and hash",
		"S1\xff," + inHex + ",totp\n":                    noText,
		"\x7fELF\x00\x01\n\n":                            noText,
		"S1," + inHex + ",totp\n\x00,a,b\n":              noText,
		"S1\x00" + strings.Repeat(" ", 64<<10):           noText,
		"serial,secret,type,hash,algorithm":              `line 1: the header names the column "algorithm" twice`,
		"\xff\xfeS\x001\x00":                             "the file is UTF-16: store it as UTF-8",
	} {
		if rows, err := read(t, text); err == nil || err.Error() != want || rows != nil {
			t.Errorf("%q: got %q, %v, want %s", text, rows, err, want)
		}
	}
}

// One spelling holds for the whole file: the many say what the few are.
func TestSpellingOfSecrets(t *testing.T) {
	const both, bothOdd = "ABCDEF234567ABCDEF234567ABCDEF23", "ABCDEF234567ABCDEF234567ABCDEF2345A"
	row := func(secret string) string { return "S," + secret + ",totp\n" }
	for _, c := range []struct {
		name, text string
		hex        bool
	}{
		{"neither", row(both), true},
		{"neither, but of odd length", row(both) + row(bothOdd), false},
		{"hex", row(both) + row(bothOdd) + row(inHex), true},
		{"Base32", row(both) + row(inBase32), false},
		{"more hex", row(both) + row(inBase32) + row(inHex) + row(inHex), true},
		{"more Base32", row(both) + row(inBase32) + row(inBase32) + row(inHex), false},
		{"not counted", row(both) + row("01GH") + row("?") + row(""), true},
	} {
		want, err := oath.ParseSecret(both)
		if c.hex {
			want, err = hex.DecodeString(both)
		}
		if err != nil {
			t.Fatal(err)
		}
		r, err := tokencsv.NewReader(strings.NewReader(c.text))
		if err != nil {
			t.Fatal(err)
		}
		if k, err := r.Next(); err != nil || string(k.Secret) != string(want) {
			t.Errorf("%s: got %x, %v, want %x", c.name, k.Secret, err, want)
		}
	}
}

// A file whose columns are in another order has secrets in every place: none of
// them may come into a report.
func TestRefusalsHoldNoSecret(t *testing.T) {
	for _, secret := range []string{inHex, inBase32, inHex[:32], inBase32[:26], strings.ToLower(inBase32)} {
		for _, line := range []string{
			"%s,S,totp", "%s,12345678,totp", "S,x%s,totp", "S," + inHex + ",%s", "S," + inHex + ",totp,%s", "S," + inHex + ",totp,6,%s",
			"%[1]s|S|totp", "S %[1]s totp", "S:%[1]s:totp", "S:%[1]s:a,,totp", "S.%[1]s,,totp", "S|%[1]s,,totp", "S %[1]s,,totp", "S-%[1]s-1,,hotp",
			"S," + inHex + ",hotp,6,%s", "S," + inHex + ",totp,6,30,%s", "S," + inHex + ",totp,6,30,SHA1,%s", "S," + inHex + ",\"%s",
		} {
			got, err := read(t, fmt.Sprintf(line, secret)+"\n")
			if err != nil || len(got) != 1 || !strings.HasPrefix(got[0], "line 1: ") || strings.Contains(got[0], secret) {
				t.Errorf("%s: %q, %v", line, got, err)
			}
		}
	}
}
