package pages

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

const maxLogo = 256 << 10 // bytes

var logoTypes = map[string]string{
	".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp",
}

// readLogo takes a picture whose content is what its name says.
func readLogo(path string) (*Asset, error) {
	media, known := logoTypes[strings.ToLower(filepath.Ext(path))]
	if !known {
		return nil, fmt.Errorf("logo '%s' is not a picture that browsers show: svg, png, jpg or webp", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("logo '%s': %v", path, err)
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxLogo+1))
	if err != nil {
		return nil, fmt.Errorf("logo '%s': %v", path, err)
	}
	if len(content) > maxLogo {
		return nil, fmt.Errorf("logo '%s' is too large: %d KiB at most", path, maxLogo>>10)
	}
	if !shows(content, media) {
		return nil, fmt.Errorf("logo '%s' has something else in it than its name says: %s", path, media)
	}
	logo := newAsset(content, media)
	if media == logoTypes[".svg"] { // which is a document, with scripts, for who opens it
		logo.Policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
	}
	return logo, nil
}

func shows(content []byte, media string) bool {
	if media != logoTypes[".svg"] {
		return http.DetectContentType(content) == media
	}
	for decoder := xml.NewDecoder(bytes.NewReader(content)); ; {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		if element, ok := token.(xml.StartElement); ok {
			return element.Name.Local == "svg"
		}
	}
}
