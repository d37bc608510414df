package command

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mdp/qrterminal/v3"
	"golang.org/x/term"
)

// maxQR is what the largest QR code holds at level M (ISO/IEC 18004, version
// 40). The library would crash on more.
const maxQR = 2331

// drawQR draws text in half blocks, two modules a character.
func drawQR(w io.Writer, text string) error {
	if len(text) > maxQR {
		return errors.New("the URI is too long for a QR code: type the secret into the app")
	}
	var drawn bytes.Buffer
	qrterminal.GenerateWithConfig(text, qrterminal.Config{
		Level: qrterminal.M, Writer: &drawn, HalfBlocks: true, QuietZone: qrterminal.QUIET_ZONE,
	})
	before, after := "", ""
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		// Bright on black whatever the theme: many apps read no inverted code.
		before, after = "\x1b[97;40m", "\x1b[0m"
	}
	for line := range strings.Lines(drawn.String()) {
		if _, err := fmt.Fprint(w, before, strings.TrimSuffix(line, "\n"), after, "\n"); err != nil {
			return err
		}
	}
	return nil
}
