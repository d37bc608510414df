package pages

import (
	"encoding/hex"
	"fmt"
	"math"
	"regexp"
	"strings"
)

// colour is red, green and blue.
type colour [3]uint8

var (
	black = colour{}
	white = colour{255, 255, 255}
)

// What accents stand on, the worst for them of each: see style.css.
var (
	lightBack = colour{0xf3, 0xf5, 0xf7} // --back
	darkBack  = colour{0x1b, 0x20, 0x26} // --card
)

// The contrasts that WCAG 2.2 asks for, of text (1.4.3) and of the edge of what can
// be used (1.4.11).
const (
	textContrast = 4.5
	edgeContrast = 3
)

var colourForm = regexp.MustCompile(`^#?([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$`)

func readColour(text string) (c colour, err error) {
	if !colourForm.MatchString(text) {
		return c, fmt.Errorf("accent '%s' is not a colour: 3 or 6 hexadecimal digits, like %s", text, defaultAccent)
	}
	digits := strings.TrimPrefix(text, "#")
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	_, err = hex.Decode(c[:], []byte(digits))
	return c, err
}

func (c colour) String() string { return "#" + hex.EncodeToString(c[:]) }

// luminance is the relative one of WCAG 2.2.
func (c colour) luminance() float64 {
	var linear [3]float64
	for i, part := range c {
		v := float64(part) / 255
		if v <= 0.04045 {
			linear[i] = v / 12.92
		} else {
			linear[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*linear[0] + 0.7152*linear[1] + 0.0722*linear[2]
}

// contrast is between 1 and 21.
func contrast(a, b colour) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// on is what can be read on c: one of the two always has 4.58 or more.
func (c colour) on() colour {
	if contrast(c, white) >= contrast(c, black) {
		return white
	}
	return black
}

// against is c, or as little darker or lighter as it takes for a contrast.
func (c colour) against(back colour, ratio float64) colour {
	towards := back.on()
	for step := 0; contrast(c, back) < ratio && step < 100; step++ {
		for i := range c {
			c[i] = uint8(math.Round(float64(c[i]) + (float64(towards[i])-float64(c[i]))*0.04))
		}
	}
	return c
}

// accentColours are the properties that style.css expects, for light and dark.
// Buttons have the accent as it was given wherever it can be seen; text in its
// colour is readable.
func accentColours(text string) (string, error) {
	accent, err := readColour(text)
	if err != nil {
		return "", err
	}
	set := func(accent, link colour) string {
		return fmt.Sprintf(":root { --accent: %s; --on-accent: %s; --link: %s }", accent, accent.on(), link)
	}
	return set(accent, accent.against(lightBack, textContrast)) + "\n@media (prefers-color-scheme: dark) { " +
		set(accent.against(darkBack, edgeContrast), accent.against(darkBack, textContrast)) + " }\n", nil
}
