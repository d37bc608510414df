package pskc_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/doorward/doorward/authcore/pskc"
)

const (
	head = `<?xml version="1.0" encoding="UTF-8"?>
<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc">
`
	hotp = `<KeyPackage>
<DeviceInfo><Manufacturer>Acme</Manufacturer><SerialNo>S1</SerialNo></DeviceInfo>
<Key Id="K1" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp">
<AlgorithmParameters><ResponseFormat Length="6" Encoding="DECIMAL"/></AlgorithmParameters>
<Data><Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>
<Counter><PlainValue>7</PlainValue></Counter></Data>
</Key></KeyPackage>
`
	foot  = "</KeyContainer>\n"
	plain = head + hotp + foot
)

// with puts other words for those that stand once in a text.
func with(t testing.TB, text, old, replacement string) string {
	t.Helper()
	if n := strings.Count(text, old); n != 1 {
		t.Fatalf("%q stands %d times in %s", old, n, text)
	}
	return strings.Replace(text, old, replacement, 1)
}

// What is no container that can be read to its end, and what is said of it.
func TestRefusedFiles(t *testing.T) {
	deep := strings.Repeat("<Extensions>", 40) + strings.Repeat("</Extensions>", 40)
	crowd := ""
	for i := range 64 {
		crowd += fmt.Sprintf(` a%d="x"`, i)
	}
	for name, c := range map[string]struct{ file, says string }{
		"empty":                  {"", "line 1: the file is empty"},
		"a comment":              {"<!-- x -->", "line 1: the file is empty"},
		"text":                   {"serial,secret\n", "line 1: there is text before the container"},
		"a document type":        {with(t, plain, "<KeyContainer", "<!DOCTYPE KeyContainer>\n<KeyContainer"), "line 2: the XML has a document type"},
		"an external type":       {with(t, plain, "<KeyContainer", `<!DOCTYPE KeyContainer SYSTEM "file:///etc/passwd">`+"<KeyContainer"), "line 2: the XML has a document type"},
		"billion laughs":         {`<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><KeyContainer>&b;</KeyContainer>`, "line 1: the XML has a document type"},
		"an external entity":     {`<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1/">]><KeyContainer>&a;</KeyContainer>`, "line 1: the XML has a document type"},
		"a type in the middle":   {with(t, plain, "<DeviceInfo>", "<!DOCTYPE x><DeviceInfo>"), "line 4: the XML has a document type"},
		"an unknown entity":      {with(t, plain, "Acme", "&acme;"), "line 4: the file is not well-formed XML"},
		"an instruction":         {with(t, plain, "<DeviceInfo>", `<?xml-stylesheet href="x"?><DeviceInfo>`), "line 4: the XML has a processing instruction"},
		"a late declaration":     {"<!-- x -->" + plain, "line 1: the XML has a processing instruction"},
		"Latin-1":                {with(t, plain, "UTF-8", "ISO-8859-1"), "line 1: the file is not XML 1.0 in UTF-8"},
		"a byte of Latin-1":      {with(t, plain, "Acme", "Acm\xe9"), "line 4: the file is not UTF-8"},
		"UTF-16":                 {"\xff\xfe<\x00K\x00", "line 1: the file is not UTF-8"},
		"cut off":                {plain[:len(plain)-20], "line 9: the file ends in the middle"},
		"cut off in a tag":       {plain[:200], "line 4: the file ends in the middle"},
		"not nested":             {with(t, plain, "</Secret>", "</Counter>"), "line 7: the file is not well-formed XML"},
		"a second container":     {plain + head + foot, "line 11: the XML has a processing instruction"},
		"more elements":          {plain + "<x/>", "line 11: there is more in the file"},
		"more text":              {plain + "<!-- x --> x", "line 11: there is more in the file"},
		"another element":        {`<KeyContaine xmlns="urn:ietf:params:xml:ns:keyprov:pskc" Version="1.0"/>`, `line 1: the file begins with <KeyContaine>`},
		"no namespace":           {with(t, plain, ` xmlns="urn:ietf:params:xml:ns:keyprov:pskc"`, ""), `of the namespace "": <KeyContainer> of`},
		"that of a draft":        {with(t, plain, ":pskc\">\n<KeyPackage", ":pskc:1.0\">\n<KeyPackage"), `namespace "urn:ietf:params:xml:ns:keyprov:pskc:1.0"`},
		"a prefix of nobody":     {"<pskc:KeyContainer Version=\"1.0\"/>", `of the namespace "pskc"`},
		"no version":             {with(t, plain, ` Version="1.0"`, ""), "line 2: the container has no attribute Version"},
		"a foreign version":      {with(t, plain, ` Version="1.0"`, ` xmlns:x="urn:x" x:Version="1.0"`), "line 2: the container has no attribute Version"},
		"two versions":           {with(t, plain, ` Version="1.0"`, ` Version="1.0" Version="1.0"`), "line 2: the container has no attribute Version, or two"},
		"another version":        {with(t, plain, ` Version="1.0"`, ` Version="2.0"`), `line 2: the container has the version "2.0"`},
		"no key":                 {head + foot, "line 3: the container has no <KeyPackage>"},
		"a foreign child":        {with(t, plain, "<KeyPackage>", `<KeyPackage xmlns="urn:x">`), `line 3: <KeyPackage> of the namespace "urn:x" is not expected`},
		"a Device of a draft":    {head + "<Device/>" + foot, "line 3: <Device> of the namespace"},
		"text in the container":  {head + "x" + hotp + foot, "line 2: there is text between the elements"},
		"text in a package":      {with(t, plain, "<DeviceInfo>", "x<DeviceInfo>"), "line 3: <KeyPackage> has text between its elements"},
		"an attribute twice":     {with(t, plain, `Id="K1"`, `Id="K1" Id="K2"`), "line 5: an attribute of <Key> stands twice"},
		"a namespace twice":      {with(t, plain, `Id="K1"`, `Id="K1" xmlns:x="urn:x" xmlns:x="urn:y"`), "line 5: an attribute of <Key> stands twice"},
		"many attributes":        {with(t, plain, "<DeviceInfo>", "<DeviceInfo x='x'"+crowd+">"), "line 4: <DeviceInfo> has 65 attributes: 64 are allowed"},
		"too deep":               {head + deep + foot, "line 3: elements stand in elements 33 deep"},
		"a long text":            {with(t, plain, "Acme", strings.Repeat("A", 70_000)), "line 4: a part of the container is longer than 64 KiB"},
		"a long comment":         {with(t, plain, "<DeviceInfo>", "<!--"+strings.Repeat("A", 70_000)+"--><DeviceInfo>"), "a part of the container is longer"},
		"a long attribute":       {with(t, plain, "K1", strings.Repeat("A", 70_000)), "a part of the container is longer"},
		"a long name":            {with(t, plain, "<DeviceInfo>", "<"+strings.Repeat("A", 70_000)), "a part of the container is longer"},
		"many elements":          {with(t, plain, "<DeviceInfo>", strings.Repeat("<x/>", 20_000)+"<DeviceInfo>"), "a part of the container is longer"},
		"much before it":         {strings.Repeat(" ", 70_000) + plain, "a part of the container is longer"},
		"much behind it":         {plain + strings.Repeat(" ", 70_000), "a part of the container is longer"},
		"EncryptionKey too late": {head + hotp + "<EncryptionKey/>" + foot, "line 10: <EncryptionKey> comes after a <KeyPackage>"},
		"MACMethod too late":     {head + hotp + "<MACMethod/>" + foot, "line 10: <MACMethod> comes after a <KeyPackage>"},
		"MACMethod twice":        {head + "<MACMethod/>\n<MACMethod/>" + hotp + foot, "line 4: <MACMethod> stands twice"},
	} {
		got := read(t, c.file, pskc.Unlock{}, today)
		if got.err == nil || !strings.Contains(got.err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, got.err, c.says)
		}
	}
}

// What a container may have, and is passed over.
func TestAllowedFiles(t *testing.T) {
	prefixed := strings.NewReplacer("</", "</p:", "<?", "<?", "<", "<p:", "xmlns=", "xmlns:p=").Replace
	for name, file := range map[string]string{
		"plain":                plain,
		"a byte order mark":    "\ufeff" + plain,
		"no declaration":       with(t, plain, `<?xml version="1.0" encoding="UTF-8"?>`, ""),
		"prefixes":             `<?xml version="1.0" encoding="utf-8"?>` + prefixed(plain[strings.Index(plain, "\n"):]),
		"comments":             with(t, plain, "MTIz", "MT<!-- x -->Iz") + "<!-- x -->\n",
		"CDATA":                with(t, plain, "MTIz", "<![CDATA[MT]]>Iz"),
		"an entity of XML":     with(t, plain, "Acme", "&#65;cme"),
		"extensions":           head + "<Extensions><x xmlns='urn:x'/></Extensions>" + with(t, hotp, "<AlgorithmP", "<Extensions/><Extensions/><AlgorithmP") + "<Extensions/>" + foot,
		"an extension of Data": with(t, plain, "<Secret>", `<x:Secret xmlns:x="urn:x">x</x:Secret><Secret>`),
		"another order":        with(t, with(t, plain, "<Counter><PlainValue>7</PlainValue></Counter>", ""), "<Secret>", "<Counter><PlainValue>7</PlainValue></Counter><Secret>"),
	} {
		got := read(t, file, pskc.Unlock{}, today)
		if got.err != nil || len(got.refused) > 0 || len(got.keys) != 1 || string(got.keys[0].Secret) != secret ||
			got.keys[0].Counter != 7 || got.keys[0].Manufacturer != "Acme" || got.keys[0].Serial != "S1" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A key that came before the file went wrong says nothing of those behind it.
func TestBrokenInTheMiddle(t *testing.T) {
	got := read(t, head+hotp+hotp+"<KeyPackage><x></KeyPackage>", pskc.Unlock{}, today)
	if len(got.keys) != 2 || got.keys[1].Line != 10 || got.err == nil {
		t.Errorf("%+v", got)
	}
	r := pskc.NewReader(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(plain))), pskc.Unlock{})
	if _, err := r.Next(); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("a reader that fails: %v", err)
	}
}
