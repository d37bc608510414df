package pages

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// maxQR is what the largest QR code holds at level M, in bytes (ISO/IEC 18004,
// version 40): the library fails on more.
const maxQR = 2331

// quietZone is the white around a QR code, in modules (ISO/IEC 18004 section 9.1).
const quietZone = 4

// QR is a QR code as an SVG draws it, a module one unit wide.
type QR struct {
	Size int    // of the picture with its quiet zone; 0: there is none
	Path string // the dark modules
}

// drawQR gives no picture of what is too long for one.
func drawQR(text string) QR {
	if len(text) > maxQR {
		return QR{}
	}
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return QR{}
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for code.Black(x, y) { // false beyond the edge
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+quietZone, y+quietZone, x-from, x-from)
			}
		}
	}
	return QR{Size: code.Size + 2*quietZone, Path: path.String()}
}
