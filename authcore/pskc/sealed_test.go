package pskc_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"hash"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore/pskc"
)

// maker is a second reading of section 6: it writes what the tests read.
type maker struct {
	key       []byte
	macKey    []byte
	mac       func() hash.Hash
	cipher    string // aes128-cbc
	macMethod string // URI
	padding   byte   // all bytes of the padding but the last; 0: as PKCS #5 has it
}

func preSharedMaker() maker {
	return maker{
		key: bytes.Repeat([]byte("k"), 16), macKey: bytes.Repeat([]byte("m"), 20), mac: sha1.New,
		cipher: "aes128-cbc", macMethod: "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
	}
}

func (m maker) seal(plain []byte) []byte {
	n := 16 - len(plain)%16
	padding := bytes.Repeat([]byte{byte(n)}, n)
	if m.padding != 0 {
		copy(padding[:n-1], bytes.Repeat([]byte{m.padding}, n))
	}
	block, err := aes.NewCipher(m.key)
	if err != nil {
		panic(err)
	}
	iv := []byte("initial vector.!")
	sealed := append(bytes.Clone(plain), padding...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(sealed, sealed)
	return append(iv, sealed...)
}

func (m maker) encrypted(plain []byte) (data, mac string) {
	sealed := m.seal(plain)
	sum := hmac.New(m.mac, m.macKey)
	sum.Write(sealed)
	data = fmt.Sprintf(`<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#%s"/>`+
		`<xenc:CipherData><xenc:CipherValue>%s</xenc:CipherValue></xenc:CipherData>`, m.cipher, base64.StdEncoding.EncodeToString(sealed))
	return data, base64.StdEncoding.EncodeToString(sum.Sum(nil))
}

func (m maker) value(plain string) string {
	data, mac := m.encrypted([]byte(plain))
	return "<EncryptedValue>" + data + "</EncryptedValue><ValueMAC>" + mac + "</ValueMAC>"
}

const (
	sealedHead = `<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"` +
		` xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" xmlns:xenc11="http://www.w3.org/2009/xmlenc11#">` + "\n"
	named = "<EncryptionKey><ds:KeyName>ours</ds:KeyName></EncryptionKey>\n"
)

// protection is what stands before the packages.
func (m maker) protection() string {
	data, _ := m.encrypted(m.macKey)
	return fmt.Sprintf(`<MACMethod Algorithm="%s"><MACKey>%s</MACKey></MACMethod>`+"\n", m.macMethod, data)
}

// container has one HOTP key, whose secret and counter are encrypted.
func (m maker) container(t testing.TB) string {
	t.Helper()
	p := with(t, hotp, "<PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue>", m.value(secret))
	return sealedHead + named + m.protection() + with(t, p, "<PlainValue>7</PlainValue>", m.value("7")) + foot
}

func opened(got result) bool {
	return got.err == nil && len(got.refused) == 0 && len(got.keys) == 1 && string(got.keys[0].Secret) == secret && got.keys[0].Counter == 7
}

func TestCiphers(t *testing.T) {
	const more = "http://www.w3.org/2001/04/xmldsig-more#hmac-"
	for name, change := range map[string]func(m *maker){
		"as in figure 6": func(*maker) {},
		"AES-192":        func(m *maker) { m.cipher, m.key = "aes192-cbc", bytes.Repeat([]byte("k"), 24) },
		"AES-256":        func(m *maker) { m.cipher, m.key = "aes256-cbc", bytes.Repeat([]byte("k"), 32) },
		"HMAC-SHA224":    func(m *maker) { m.macMethod, m.mac = more+"sha224", sha256.New224 },
		"HMAC-SHA256":    func(m *maker) { m.macMethod, m.mac = more+"sha256", sha256.New },
		"HMAC-SHA384":    func(m *maker) { m.macMethod, m.mac = more+"sha384", sha512.New384 },
		"HMAC-SHA512":    func(m *maker) { m.macMethod, m.mac = more+"sha512", sha512.New },
		"XMLENC padding": func(m *maker) { m.padding = 0xee },
	} {
		m := preSharedMaker()
		change(&m)
		if got := read(t, m.container(t), pskc.Unlock{PreShared: m.key}, today); !opened(got) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	m := preSharedMaker()
	file := with(t, m.container(t), named, "")
	if got := read(t, with(t, file, "<KeyPackage>", named+"<KeyPackage>"), pskc.Unlock{PreShared: m.key}, today); !opened(got) {
		t.Errorf("EncryptionKey behind MACMethod: %+v", got)
	}
}

// Numbers as bytes, the most significant first.
func TestBinaryNumbers(t *testing.T) {
	m := preSharedMaker()
	for value, want := range map[string]int64{
		"\x00\x00\x00\x00\x00\x00\x01\x02": 258, "\x00\x00\x01\x00": 256, " 12\n": 12, "12345678": 12345678, "1234": 1234,
		"\xff\xff\xff\xff": -1, "\xff\xff\xff\xff\xff\xff\xff\xff": -1, "\x01\x02": -1, "": -1,
	} {
		file := with(t, m.container(t), m.value("7"), m.value(value))
		got := read(t, file, pskc.Unlock{PreShared: m.key}, today)
		switch {
		case want >= 0 && (len(got.keys) != 1 || got.keys[0].Counter != want),
			want < 0 && (len(got.refused) != 1 || !strings.Contains(got.refused[0].Reason, "<Counter> is no")):
			t.Errorf("%q: %+v", value, got)
		}
	}
}

// What is wrong with what is encrypted, with one key of it or with all.
func TestRefusedSealed(t *testing.T) {
	m := preSharedMaker()
	good, unlock := m.container(t), pskc.Unlock{PreShared: m.key}
	data, mac := m.encrypted([]byte(secret))
	value := m.value(secret)
	flipped := with(t, data, "<xenc:CipherValue>aW5pdGlhbCB2ZWN0b3IuI", "<xenc:CipherValue>aW5pdGlhbCB2ZWN0b3IuK") // bits of the vector, and so of the secret
	other := preSharedMaker()
	other.macKey = bytes.Repeat([]byte("n"), 20)
	wrong := func(v string) string { return with(t, good, value, v) }
	sealed := func(data, mac string) string {
		return "<EncryptedValue>" + data + "</EncryptedValue>" + mac
	}
	tagged := "<ValueMAC>" + mac + "</ValueMAC>"
	bare := func(b []byte) string { // with a MAC that is right
		sum := hmac.New(m.mac, m.macKey)
		sum.Write(b)
		return sealed(with(t, data, base64.StdEncoding.EncodeToString(m.seal([]byte(secret))), base64.StdEncoding.EncodeToString(b)),
			"<ValueMAC>"+base64.StdEncoding.EncodeToString(sum.Sum(nil))+"</ValueMAC>")
	}
	full := m.seal([]byte(secret + "012345678901")) // 32 bytes and a block of padding
	for name, c := range map[string]struct{ file, says string }{
		"no MAC":                {wrong(sealed(data, "")), "<Secret> is encrypted with AES-CBC, but has no <ValueMAC>"},
		"an empty MAC":          {wrong(sealed(data, "<ValueMAC/>")), "has no <ValueMAC>"},
		"a MAC of no Base64":    {wrong(sealed(data, "<ValueMAC>?</ValueMAC>")), "has no <ValueMAC>"},
		"half a MAC":            {wrong(sealed(data, "<ValueMAC>"+mac[:8]+"</ValueMAC>")), "<Secret> has a wrong <ValueMAC>"},
		"two MACs":              {wrong(sealed(data, tagged+tagged)), "<ValueMAC> stands twice"},
		"a flipped bit":         {wrong(sealed(flipped, tagged)), "<Secret> has a wrong <ValueMAC>"},
		"the MAC of another":    {wrong(other.value(secret)), "<Secret> has a wrong <ValueMAC>"},
		"a swapped value":       {with(t, good, m.value("7"), sealed(data, "")), "<Counter> is encrypted with AES-CBC, but has no <ValueMAC>"},
		"no MACMethod":          {with(t, good, m.protection(), ""), "<Secret> is encrypted with AES-CBC, but the container has no <MACMethod>"},
		"a plain secret":        {wrong("<PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue>"), "<Secret> is in plain text, though"},
		"key wrap":              {wrong(strings.Replace(value, "aes128-cbc", "kw-aes128", 1)), `encrypted with "http://www.w3.org/2001/04/xmlenc#kw-aes128": AES-CBC`},
		"Triple DES":            {wrong(strings.Replace(value, "aes128-cbc", "tripledes-cbc", 1)), "AES-CBC can be done"},
		"another size":          {wrong(strings.Replace(value, "aes128-cbc", "aes256-cbc", 1)), "a key of 32 bytes: the one that was given, or derived, has 16"},
		"no method":             {wrong(sealed(data[strings.Index(data, "<xenc:CipherData"):], tagged)), `is encrypted with ""`},
		"two methods":           {wrong(sealed(data[:strings.Index(data, "<xenc:CipherData")]+data, tagged)), `is encrypted with ""`},
		"two ciphertexts":       {wrong(sealed(data+data[strings.Index(data, "<xenc:CipherData"):], tagged)), "has no <CipherValue>"},
		"a foreign ciphertext":  {wrong(sealed(strings.ReplaceAll(data, "xenc:CipherValue", "CipherValue"), tagged)), "has no <CipherValue>"},
		"an empty ciphertext":   {wrong(bare(nil)), "<Secret> is no whole number of blocks"},
		"a vector alone":        {wrong(bare(full[:16])), "<Secret> is no whole number of blocks"},
		"part of a block":       {wrong(bare(full[:40])), "<Secret> is no whole number of blocks"},
		"no padding":            {wrong(bare(full[:48])), "<Secret> is no whole number of blocks"},
		"MAC method: unknown":   {with(t, good, "#hmac-sha1", "#hmac-md5"), `line 3: the algorithm of <MACMethod> is "http`},
		"MAC method: no key":    {sealedHead + named + `<MACMethod Algorithm="` + m.macMethod + `"><MACKeyReference>x</MACKeyReference></MACMethod>` + hotp + foot, "line 3: <MACMethod> has no <MACKey>"},
		"MAC method: short key": {strings.Replace(good, m.protection(), maker{m.key, []byte("short"), m.mac, m.cipher, m.macMethod, 0}.protection(), 1), "line 3: the key of the MACs can't be decrypted"},
		"MAC method: two keys":  {with(t, good, "</MACKey>", "</MACKey><MACKey/>"), "line 3: <MACKey> stands twice"},
		"no name":               {with(t, good, "<ds:KeyName>ours</ds:KeyName>", ""), "line 2: <EncryptionKey> names no key"},
		"two names":             {with(t, good, "</ds:KeyName>", "</ds:KeyName><ds:KeyName>x</ds:KeyName>"), "line 2: <KeyName> stands twice"},
		"a name of ours":        {strings.ReplaceAll(good, "ds:KeyName", "KeyName"), "<Secret> can't be decrypted: it is encrypted with a certificate or another key of the kind <KeyName>"},
	} {
		got := read(t, c.file, unlock, today)
		reasons := fmt.Sprint(got.err)
		for _, r := range got.refused {
			reasons += "\n" + r.Reason
		}
		if len(got.keys) > 0 || !strings.Contains(reasons, c.says) || strings.Contains(reasons, secret[:6]) {
			t.Errorf("%s: %s, %d keys, want %q", name, reasons, len(got.keys), c.says)
		}
	}
}

// The key and the password that were given are those that the container asks for.
func TestUnlock(t *testing.T) {
	m := preSharedMaker()
	wrongKey := bytes.Repeat([]byte("x"), 16)
	for name, c := range map[string]struct {
		file   string
		unlock pskc.Unlock
		says   string
	}{
		"no key":              {m.container(t), pskc.Unlock{}, `line 2: the container is encrypted with the pre-shared key "ours": give that key`},
		"a password":          {m.container(t), pskc.Unlock{Password: "qwerty"}, `the pre-shared key "ours": give that key`},
		"another key":         {m.container(t), pskc.Unlock{PreShared: wrongKey}, "line 3: the key of the MACs can't be decrypted: the key or the password is another one"},
		"a long key":          {m.container(t), pskc.Unlock{PreShared: append(wrongKey, wrongKey...)}, "line 3: <MACKey>: is encrypted with a key of 16 bytes: the one that was given, or derived, has 32"},
		"figure 6, no key":    {figure(t, "figure6"), pskc.Unlock{}, `line 6: the container is encrypted with the pre-shared key "Pre-shared-key"`},
		"figure 7, no word":   {figure(t, "figure7"), pskc.Unlock{}, "line 8: the container is encrypted with a password: give it"},
		"figure 7, a key":     {figure(t, "figure7"), pskc.Unlock{PreShared: m.key}, "line 8: the container is encrypted with a password: give it"},
		"figure 7, wrong":     {figure(t, "figure7"), pskc.Unlock{Password: "qwertz"}, "line 28: the key of the MACs can't be decrypted: the key or the password is another one"},
		"plain, with a key":   {plain, pskc.Unlock{PreShared: m.key}, "line 3: the container is not encrypted, yet a key or a password was given"},
		"plain, with a word":  {plain, pskc.Unlock{Password: "x"}, "line 3: the container is not encrypted"},
		"sealed, and unnamed": {with(t, m.container(t), named, ""), pskc.Unlock{PreShared: m.key}, "line 3: the container is not encrypted"},
	} {
		if got := read(t, c.file, c.unlock, today); got.err == nil || !strings.Contains(got.err.Error(), c.says) || len(got.keys) > 0 {
			t.Errorf("%s: %+v, want %q", name, got, c.says)
		}
	}
}

func TestDerivation(t *testing.T) {
	params := `<x:Salt><x:Specified>c2FsdHNhbHQ=</x:Specified></x:Salt><x:IterationCount>1000</x:IterationCount><x:KeyLength>32</x:KeyLength><x:PRF Algorithm="http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"/>`
	derived := `<EncryptionKey><xenc11:DerivedKey><xenc11:KeyDerivationMethod Algorithm="http://www.w3.org/2009/xmlenc11#pbkdf2">` +
		`<xenc11:PBKDF2-params>` + strings.ReplaceAll(params, "x:", "xenc11:") + `</xenc11:PBKDF2-params></xenc11:KeyDerivationMethod></xenc11:DerivedKey></EncryptionKey>` + "\n"
	m := preSharedMaker()
	m.cipher = "aes256-cbc"
	var err error
	if m.key, err = pbkdf2.Key(sha256.New, "qwerty", []byte("saltsalt"), 1000, 32); err != nil {
		t.Fatal(err)
	}
	good := with(t, m.container(t), named, derived)
	unlock := pskc.Unlock{Password: "qwerty"}
	if got := read(t, good, unlock, today); !opened(got) {
		t.Errorf("%+v", got)
	}
	for name, c := range map[string]struct{ old, replacement, says string }{
		"another derivation": {"xmlenc11#pbkdf2", "xmlenc11#ConcatKDF", "line 2: the key is derived by something else than PBKDF2"},
		"no parameters":      {derived[strings.Index(derived, "<xenc11:PBKDF2"):strings.Index(derived, "</xenc11:KeyDerivation")], "", "no <Salt>"},
		"no salt":            {"c2FsdHNhbHQ=", "", "PBKDF2 has no <Salt>"},
		"a salt elsewhere":   {"<xenc11:Specified>c2FsdHNhbHQ=</xenc11:Specified>", "<xenc11:OtherSource/>", "PBKDF2 has no <Salt>"},
		"a bomb":             {">1000<", ">10000001<", "line 2: <IterationCount> of PBKDF2 is no number from 1 to 10000000"},
		"a larger bomb":      {">1000<", ">99999999999999999999<", "<IterationCount> of PBKDF2"},
		"none":               {">1000<", ">0<", "<IterationCount> of PBKDF2"},
		"less than none":     {">1000<", ">-1<", "<IterationCount> of PBKDF2"},
		"two counts":         {"<xenc11:KeyLength>", "<xenc11:IterationCount>1</xenc11:IterationCount><xenc11:KeyLength>", "<IterationCount> of PBKDF2"},
		"a foreign count":    {"<xenc11:IterationCount>1000</xenc11:IterationCount>", "<ds:IterationCount>1000</ds:IterationCount>", "<IterationCount> of PBKDF2"},
		"a long key":         {">32<", ">1000000000<", "<KeyLength> of PBKDF2 is not 16, 24 or 32"},
		"no length":          {"<xenc11:KeyLength>32</xenc11:KeyLength>", "", "<KeyLength> of PBKDF2"},
		"another hash":       {"more#hmac-sha256", "more#hmac-md5", "the <PRF> of PBKDF2 is"},
		"another count":      {">1000<", ">999<", "can't be decrypted"},
	} {
		if got := read(t, with(t, good, c.old, c.replacement), unlock, today); got.err == nil || !strings.Contains(got.err.Error(), c.says) {
			t.Errorf("%s: %+v, want %q", name, got, c.says)
		}
	}
}
