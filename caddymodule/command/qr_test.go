package command

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestQRCodeIsRead(t *testing.T) {
	if _, err := exec.LookPath("zbarimg"); err != nil {
		t.Fatal("zbarimg reads the QR code and is missing: apt-get install zbar-tools")
	}
	for _, uri := range []string{
		"otpauth://totp/app.example.com:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=app.example.com&algorithm=SHA1&digits=6&period=30",
		"otpauth://hotp/localhost%3A8080:%D0%90%D0%BB%D0%B8%D1%81%D0%B0?secret=" + strings.Repeat("GEZDGNBV", 25) + "&issuer=localhost%3A8080&algorithm=SHA512&digits=8&counter=0",
	} {
		var drawn bytes.Buffer
		if err := drawQR(&drawn, uri); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "qr.png")
		writePNG(t, file, drawn.String())
		read, err := exec.Command("zbarimg", "--quiet", "--raw", file).Output()
		if err != nil || strings.TrimSuffix(string(read), "\n") != uri {
			t.Errorf("read %q: %v\nwant %q\n%s", read, err, uri, drawn.String())
		}
	}
}

// The most that a code holds is drawn, and more is refused where the library
// would crash.
func TestQRCodeOfALongURI(t *testing.T) {
	var drawn bytes.Buffer
	if err := drawQR(&drawn, strings.Repeat("x", maxQR)); err != nil || drawn.Len() == 0 {
		t.Errorf("%d bytes: %v", maxQR, err)
	}
	drawn.Reset()
	if err := drawQR(&drawn, strings.Repeat("x", maxQR+1)); err == nil || drawn.Len() > 0 {
		t.Errorf("%d bytes were drawn", maxQR+1)
	}
}

// writePNG paints half blocks as a terminal with bright text on black does.
func writePNG(t *testing.T, file, text string) {
	t.Helper()
	const scale = 4
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	width := len([]rune(lines[0]))
	picture := image.NewGray(image.Rect(0, 0, width*scale, 2*len(lines)*scale))
	for y, line := range lines {
		if len([]rune(line)) != width {
			t.Fatalf("line %d has %d characters, the first has %d", y+1, len([]rune(line)), width)
		}
		for x, r := range []rune(line) {
			for half, bright := range []bool{r == '█' || r == '▀', r == '█' || r == '▄'} {
				for dot := range scale * scale {
					if bright {
						picture.SetGray(x*scale+dot%scale, (2*y+half)*scale+dot/scale, color.Gray{Y: 255})
					}
				}
			}
		}
	}
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, picture); err != nil {
		t.Fatal(err)
	}
}
