package pskc_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore/oath"
	"github.com/doorward/doorward/authcore/pskc"
)

const (
	counter = "<Counter><PlainValue>7</PlainValue></Counter>"
	data    = "<Data><Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>\n" + counter + "</Data>"
	format  = `<ResponseFormat Length="6" Encoding="DECIMAL"/>`
	serial  = "<SerialNo>S1</SerialNo>"
)

func totp(t testing.TB, values string) string {
	t.Helper()
	return with(t, with(t, plain, ":hotp", ":totp"), counter, values)
}

// What is wrong with a key, and that it is said without a word of its values.
func TestRefusedKeys(t *testing.T) {
	policy := func(inside string) string { return with(t, plain, "</Data>", "</Data><Policy>"+inside+"</Policy>") }
	value := func(name, v string) string { return "<" + name + "><PlainValue>" + v + "</PlainValue></" + name + ">" }
	for name, c := range map[string]struct{ file, says string }{
		"no Key":                 {head + "<KeyPackage><DeviceInfo>" + serial + "</DeviceInfo></KeyPackage>" + foot, "<KeyPackage> has no <Key>"},
		"two Keys":               {with(t, plain, "</Key>", `</Key><Key Id="K2"/>`), "<Key> stands twice in <KeyPackage>"},
		"a foreign Key":          {with(t, plain, "<Key ", `<Key xmlns="urn:x" `), `<Key> of the namespace "urn:x" is not expected`},
		"two devices":            {with(t, plain, "<DeviceInfo>", "<DeviceInfo/><DeviceInfo>"), "<DeviceInfo> stands twice"},
		"two serials":            {with(t, plain, serial, serial+serial), "<SerialNo> stands twice"},
		"a long serial":          {with(t, plain, "S1", strings.Repeat("S", 256)), "<SerialNo> has 256 bytes: 255"},
		"elements in it":         {with(t, plain, "S1", "<Model/>"), "<SerialNo> has elements"},
		"a long Id":              {with(t, with(t, plain, serial, ""), "K1", strings.Repeat("K", 256)), "the Id of <Key> has more than 255 bytes, and there is no <SerialNo>"},
		"a long maker":           {with(t, plain, "Acme", strings.Repeat("A", 256)), "<Manufacturer> has 256 bytes"},
		"a long name":            {with(t, plain, "<Data>", "<FriendlyName>"+strings.Repeat("A", 256)+"</FriendlyName><Data>"), "<FriendlyName> has 256 bytes"},
		"a long suite":           {with(t, plain, format, format+"<Suite>"+strings.Repeat("A", 256)+"</Suite>"), "<Suite> has 256 bytes"},
		"no start":               {policy("<StartDate>soon</StartDate>"), "<StartDate> is no date and time like"},
		"no Id":                  {with(t, plain, ` Id="K1"`, ""), "<Key> has no attribute Id"},
		"a foreign Id":           {with(t, plain, ` Id="K1"`, ` x:Id="K1" xmlns:x="urn:x"`), "<Key> has no attribute Id"},
		"no algorithm":           {with(t, plain, ` Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp"`, ""), `the algorithm of the key is ""`},
		"OCRA":                   {with(t, plain, ":hotp", ":ocra"), `the algorithm of the key is "urn:ietf:params:xml:ns:keyprov:pskc:ocra"`},
		"another case":           {with(t, plain, ":hotp", ":HOTP"), `pskc:HOTP"`},
		"no parameters":          {with(t, plain, "<AlgorithmParameters>"+format+"</AlgorithmParameters>", ""), "<AlgorithmParameters> is missing"},
		"no format":              {with(t, plain, format, ""), "<ResponseFormat> is missing"},
		"a challenge":            {with(t, plain, format, format+`<ChallengeFormat Encoding="DECIMAL" Min="1" Max="2"/>`), "<ChallengeFormat> of the namespace"},
		"no encoding":            {with(t, plain, ` Encoding="DECIMAL"`, ""), `the Encoding of <ResponseFormat> is ""`},
		"hexadecimal":            {with(t, plain, "DECIMAL", "HEXADECIMAL"), `is "HEXADECIMAL"`},
		"a check digit":          {with(t, plain, ` Length`, ` CheckDigits="true" Length`), "CheckDigits of <ResponseFormat>"},
		"one, by the text":       {with(t, plain, ` Length`, ` CheckDigit="1" Length`), "CheckDigit of <ResponseFormat>"},
		"no length":              {with(t, plain, ` Length="6"`, ""), "the Length of <ResponseFormat> is no number"},
		"seven digits":           {with(t, plain, ` Length="6"`, ` Length="7"`), "digits is 7: 6 and 8"},
		"MD5":                    {with(t, plain, format, format+"<Suite>HMAC-MD5</Suite>"), `the <Suite> of the key is "HMAC-MD5"`},
		"an OCRA suite":          {with(t, plain, format, format+"<Suite>OCRA-1:HOTP-SHA1-6:QN08</Suite>"), "the <Suite> of the key"},
		"no data":                {with(t, plain, data, ""), "<Data> is missing"},
		"no secret":              {with(t, plain, data, "<Data>"+counter+"</Data>"), "<Secret> is missing"},
		"a foreign secret":       {with(t, plain, "<Secret>", `<Secret xmlns="urn:x">`), "<Secret> is missing"},
		"a secret of no space":   {with(t, plain, "<Secret>", `<Secret xmlns="">`), `<Secret> of the namespace "" is not expected`},
		"two secrets":            {with(t, plain, "<Secret>", "<Secret/><Secret>"), "<Secret> stands twice"},
		"no value":               {with(t, plain, counter, "<Counter/>"), "<Counter> has not one of"},
		"two values":             {with(t, plain, "<PlainValue>7", "<PlainValue>7</PlainValue><PlainValue>7"), "<PlainValue> stands twice"},
		"both values":            {with(t, plain, "<PlainValue>7", "<EncryptedValue/><PlainValue>7"), "<Counter> has not one of"},
		"elements in the value":  {with(t, plain, "<PlainValue>7", "<PlainValue><x/>"), "<Counter> has elements in its <PlainValue>"},
		"encrypted, and no key":  {with(t, plain, "<PlainValue>7</PlainValue>", "<EncryptedValue/>"), "<Counter> can't be decrypted: the container has no EncryptionKey"},
		"a MAC over plain text":  {with(t, plain, "7</PlainValue>", "7</PlainValue><ValueMAC>AA==</ValueMAC>"), "<Counter> has a <ValueMAC> over a plain value"},
		"no Base64":              {with(t, plain, "MTIz", "MT-z"), "<Secret> is no Base64"},
		"loose Base64":           {with(t, plain, "OTA=", "OTB="), "<Secret> is no Base64"},
		"an empty secret":        {with(t, plain, "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", ""), "secret is empty"},
		"a short secret":         {with(t, plain, "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "MTIzNA=="), "secret has 4 bytes"},
		"a counter of letters":   {with(t, plain, ">7<", ">seven<"), "<Counter> is no whole number"},
		"a counter below 0":      {with(t, plain, ">7<", ">-7<"), "<Counter> is not between 0 and"},
		"the last counter":       {with(t, plain, ">7<", ">9223372036854775807<"), "<Counter> is not between 0 and"},
		"a counter beyond":       {with(t, plain, ">7<", ">9223372036854775808<"), "<Counter> is no whole number"},
		"a long interval":        {totp(t, value("TimeInterval", "172800")), "period is 172800 seconds: 15 to 120"},
		"no interval":            {totp(t, value("TimeInterval", "0")), "<TimeInterval> is not between 1 and"},
		"no drift":               {totp(t, value("TimeDrift", "much")), "<TimeDrift> is no whole number"},
		"a drift beyond":         {totp(t, value("TimeDrift", "2147483648")), "<TimeDrift> is not between"},
		"a derived key":          {with(t, plain, "<Data>", "<KeyReference>x</KeyReference><Data>"), "derived from another one (<KeyReference>)"},
		"an unknown element":     {with(t, plain, "<Data>", "<Usage/><Data>"), "<Usage> of the namespace"},
		"a policy of others":     {policy(`<x xmlns="urn:x"/>`), `forbids the use of the key (section 5): <x> of the namespace "urn:x"`},
		"an extended policy":     {policy("<Extensions/>"), "forbids the use of the key (section 5): <Extensions>"},
		"an unknown attribute":   {policy(`<KeyUsage x="1">OTP</KeyUsage>`), "forbids the use of the key (section 5): it has attributes"},
		"a policy's attribute":   {with(t, plain, "</Data>", `</Data><Policy x="1"><KeyUsage>OTP</KeyUsage></Policy>`), "(section 5): it has attributes"},
		"two policies":           {with(t, plain, "</Data>", "</Data><Policy/><Policy/>"), "<Policy> stands twice"},
		"an unknown usage":       {policy("<KeyUsage>OTP</KeyUsage><KeyUsage>Sign</KeyUsage>"), `(section 5): <KeyUsage> is "Sign"`},
		"another usage":          {policy("<KeyUsage>CR</KeyUsage>"), `<KeyUsage> is "CR": the key may not be used for OTP`},
		"some transactions":      {policy("<NumberOfTransactions>5</NumberOfTransactions>"), "<NumberOfTransactions> bounds"},
		"a PIN before the code":  {policy(`<PINPolicy PINUsageMode="Prepend"/>`), `the PINUsageMode of <PINPolicy> is "Prepend"`},
		"a PIN without a mode":   {policy(`<PINPolicy MinLength="4"/>`), `the PINUsageMode of <PINPolicy> is ""`},
		"an unknown PIN rule":    {policy(`<PINPolicy PINUsageMode="Local" Retries="4"/>`), "<PINPolicy> has the attribute Retries"},
		"a foreign PIN rule":     {policy(`<PINPolicy PINUsageMode="Local" xmlns:x="urn:x" x:MinLength="4"/>`), "<PINPolicy> has the attribute MinLength"},
		"elements of a PIN rule": {policy(`<PINPolicy PINUsageMode="Local"><x/></PINPolicy>`), "<PINPolicy> has elements"},
		"not yet":                {policy("<StartDate>2026-01-01T00:00:01Z</StartDate>"), "before 2026-01-01T00:00:01Z (<StartDate>)"},
		"no more":                {policy("<ExpiryDate>2025-12-31T23:59:59.999Z</ExpiryDate>"), "since 2025-12-31T23:59:59Z (<ExpiryDate>)"},
		"long ago":               {policy("<ExpiryDate>0001-01-01T00:00:00Z</ExpiryDate>"), "(<ExpiryDate>)"},
		"a day":                  {policy("<ExpiryDate>2030-12-31</ExpiryDate>"), "<ExpiryDate> is no date and time like"},
		"the device: not yet":    {with(t, plain, serial, serial+"<StartDate>2026-01-02T00:00:00Z</StartDate>"), "(<StartDate>)"},
		"the device: no more":    {with(t, plain, serial, serial+"<ExpiryDate>2025-01-02T00:00:00Z</ExpiryDate>"), "(<ExpiryDate>)"},
	} {
		// The next one is read as if nothing had been.
		got := read(t, with(t, c.file, foot, with(t, hotp, "S1", "S2")+foot), pskc.Unlock{}, today)
		if got.err != nil || len(got.refused) != 1 || !strings.Contains(got.refused[0].Reason, c.says) || got.refused[0].Line != 3 {
			t.Errorf("%s: %+v %v, want %q", name, got.refused, got.err, c.says)
			continue
		}
		if len(got.keys) != 1 || got.keys[0].Serial != "S2" {
			t.Errorf("%s: the next key is %+v", name, got.keys)
		}
		for _, held := range []string{"MTIz", "MT-z", "seven", "-7", "much"} {
			if strings.Contains(got.refused[0].Error(), held) {
				t.Errorf("%s: the reason tells a value: %s", name, got.refused[0])
			}
		}
	}
}

func TestKeys(t *testing.T) {
	hour := time.Date(2037, 12, 31, 0, 0, 0, 0, time.UTC)
	base := pskc.Key{Line: 3, Serial: "S1", Manufacturer: "Acme", Kind: "hotp", Algorithm: oath.SHA1, Digits: 6, Counter: 7}
	timed := base
	timed.Kind, timed.Counter, timed.Period = "totp", 0, 30
	suite := func(name string) string { return with(t, plain, format, format+"<Suite>"+name+"</Suite>") }
	for name, c := range map[string]struct {
		file   string
		change func(*pskc.Key)
		from   pskc.Key
	}{
		"hotp":              {plain, func(*pskc.Key) {}, base},
		"hotp of a draft":   {with(t, plain, ":hotp", "#hotp"), func(*pskc.Key) {}, base},
		"no counter":        {with(t, plain, counter, ""), func(k *pskc.Key) { k.Counter = 0 }, base},
		"eight digits":      {with(t, plain, `"6"`, `"8"`), func(k *pskc.Key) { k.Digits = 8 }, base},
		"no check digit":    {with(t, plain, ` Length`, ` CheckDigits="false" Length`), func(*pskc.Key) {}, base},
		"the Id":            {with(t, plain, serial, ""), func(k *pskc.Key) { k.Serial = "K1" }, base},
		"no device":         {with(t, plain, "<DeviceInfo><Manufacturer>Acme</Manufacturer>"+serial+"</DeviceInfo>", ""), func(k *pskc.Key) { k.Serial, k.Manufacturer = "K1", "" }, base},
		"a name":            {with(t, plain, "<Data>", "<FriendlyName xml:lang='en'> My\n token </FriendlyName><Data>"), func(k *pskc.Key) { k.FriendlyName = "My token" }, base},
		"SHA-1":             {suite("HMAC-SHA1"), func(*pskc.Key) {}, base},
		"SHA-256":           {suite("HMAC-SHA256"), func(k *pskc.Key) { k.Algorithm = oath.SHA256 }, base},
		"SHA-256, by Java":  {suite("HmacSHA256"), func(k *pskc.Key) { k.Algorithm = oath.SHA256 }, base},
		"SHA-512":           {suite(" SHA-512 "), func(k *pskc.Key) { k.Algorithm = oath.SHA512 }, base},
		"an empty suite":    {suite(""), func(*pskc.Key) {}, base},
		"totp":              {totp(t, ""), func(*pskc.Key) {}, timed},
		"totp of a draft":   {with(t, totp(t, ""), ":totp", "#totp"), func(*pskc.Key) {}, timed},
		"a clock behind":    {totp(t, "<Time><PlainValue>9</PlainValue></Time><TimeDrift><PlainValue>-4</PlainValue></TimeDrift>"), func(k *pskc.Key) { k.Drift = -4 }, timed},
		"a minute":          {totp(t, "<TimeInterval><PlainValue>60</PlainValue></TimeInterval>"), func(k *pskc.Key) { k.Period = 60 }, timed},
		"a policy":          {with(t, plain, "</Data>", "</Data><Policy><StartDate>2012-08-01T00:00:00Z</StartDate><ExpiryDate>2037-12-31T00:00:00</ExpiryDate><KeyUsage>CR</KeyUsage><KeyUsage>OTP</KeyUsage></Policy>"), func(k *pskc.Key) { k.Expires = hour }, base},
		"no policy":         {with(t, plain, "</Data>", "</Data><Policy/>"), func(*pskc.Key) {}, base},
		"a device's dates":  {with(t, plain, serial, serial+"<StartDate>2012-08-01T00:00:00Z</StartDate><ExpiryDate>2037-12-31T00:00:00Z</ExpiryDate>"), func(*pskc.Key) {}, base},
		"white space in it": {with(t, plain, "MTIzNDU2", "\n MTI zND\tU2"), func(*pskc.Key) {}, base},
	} {
		want := c.from
		want.Secret = []byte(secret)
		c.change(&want)
		got := read(t, c.file, pskc.Unlock{}, today)
		if got.err != nil || len(got.refused) > 0 || len(got.keys) != 1 || !reflect.DeepEqual(got.keys[0], want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
