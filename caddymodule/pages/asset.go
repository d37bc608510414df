package pages

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
)

// Asset is a file that browsers may keep.
type Asset struct {
	Content []byte
	Type    string // of media
	Version string // changes with the content, and stands in the address
	Policy  string // the CSP of who opens it as a page
}

func newAsset(content []byte, media string) *Asset {
	sum := sha256.Sum256(content)
	return &Asset{Content: content, Type: media, Version: hex.EncodeToString(sum[:8]), Policy: "default-src 'none'"}
}

// address is another one for another content, so that an upgrade is seen at once.
func (a *Asset) address(path string) string { return path + "?v=" + a.Version }

//go:embed style.css
var styleFile embed.FS

// style is our style sheet after the colours of an accent.
func style(accent string) (*Asset, error) {
	colours, err := accentColours(accent)
	if err != nil {
		return nil, err
	}
	sheet, err := styleFile.ReadFile("style.css")
	if err != nil {
		return nil, fmt.Errorf("style.css: %v", err)
	}
	return newAsset(append([]byte(colours), sheet...), "text/css; charset=utf-8"), nil
}
