// Command mobileapp is a mobile device of Doorward, as small as one can be: it enrols with
// a key pair of its own, fetches what waits for its owner, and signs his yes or no. Its
// README says what goes over the wire.
package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// device is what the app remembers. A real one keeps its key where no copy can be made:
// Secure Enclave, StrongBox.
type device struct {
	ID     string `json:"id"`
	Issuer string `json:"issuer"` // the gateway: who its signatures are for
	URL    string `json:"url"`    // where it calls, without the last word
	Key    []byte `json:"key"`    // PKCS #8
}

// question is what waits for an answer.
type question struct {
	ID, Site, User, Address, Request, Code string
}

func main() {
	file := flag.String("file", "mobileapp.json", "where the device and its key are kept")
	flag.Parse()
	err := errors.New("usage: mobileapp [-file F] enrol 'doorward://enrol?…' | wait [NUMBER|no]")
	switch words := flag.Args(); {
	case len(words) == 2 && words[0] == "enrol":
		err = enrol(*file, words[1])
	case len(words) == 1 && words[0] == "wait":
		err = wait(*file, "")
	case len(words) == 2 && words[0] == "wait":
		err = wait(*file, words[1])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mobileapp:", err)
		os.Exit(1)
	}
}

// enrol brings the public half of a new key, with the token that the QR code has.
func enrol(file, scanned string) error {
	uri, err := url.Parse(scanned)
	if err != nil || uri.Scheme != "doorward" || uri.Host != "enrol" {
		return errors.New("this is not the address that a QR code for an app has: doorward://enrol?…")
	}
	at, err := url.Parse(uri.Query().Get("url"))
	if err != nil || at.Host == "" {
		return errors.New("the address does not say where the gateway is")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	d := device{Issuer: at.Scheme + "://" + at.Host, URL: at.String()}
	if d.Key, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
		return err
	}
	token := uri.Query().Get("token")
	digest := sha256.Sum256([]byte(token))
	proof, err := d.sign("doorward-enrol+jwt", jwt.MapClaims{"token_sha256": base64.RawURLEncoding.EncodeToString(digest[:])})
	if err != nil {
		return err
	}
	// The token is good once: so the file must be there before it is used up.
	kept, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer kept.Close()
	if err := d.post("enrol", map[string]string{"token": token, "public_key": base64.StdEncoding.EncodeToString(public), "proof": proof}, &d); err != nil {
		return errors.Join(err, os.Remove(file))
	}
	fmt.Println("enrolled as device", d.ID, "of", uri.Query().Get("user"))
	return json.NewEncoder(kept).Encode(d)
}

// wait asks every two seconds what waits, and answers the first that does. A real app is
// woken by a push message in place of that.
func wait(file, answer string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var d device
	if err := json.Unmarshal(text, &d); err != nil {
		return err
	}
	for ; ; time.Sleep(2 * time.Second) {
		fetch, err := d.sign("doorward-fetch+jwt", jwt.MapClaims{"iss": d.ID, "jti": rand.Text()})
		if err != nil {
			return err
		}
		var waiting struct{ Pending []question }
		if err := d.post("waiting", map[string]string{"fetch": fetch}, &waiting); err != nil {
			return err
		}
		if len(waiting.Pending) > 0 {
			return d.answer(waiting.Pending[0], answer)
		}
	}
}

// answer shows a question and signs what its owner says to it.
func (d device) answer(q question, number string) error {
	fmt.Printf("%s asks: is it you, %s, at %s? %s\nIf a code is asked for there: %s\n", q.Site, q.User, q.Address, q.Request, q.Code)
	if number == "" {
		fmt.Print("The number that is shown there, or no: ")
		if _, err := fmt.Scanln(&number); err != nil {
			return err
		}
	}
	claims := jwt.MapClaims{"iss": d.ID, "jti": q.ID, "exp": time.Now().Add(time.Minute).Unix(), "answer": "no"}
	if number != "no" {
		claims["answer"], claims["number"] = "yes", number
	}
	said, err := d.sign("doorward-answer+jwt", claims)
	if err != nil {
		return err
	}
	return d.post("answer", map[string]string{"answer": said}, &struct{}{})
}

// sign makes a compact JWS (RFC 7515) of a type for the gateway.
func (d device) sign(typ string, claims jwt.MapClaims) (string, error) {
	key, err := x509.ParsePKCS8PrivateKey(d.Key)
	if err != nil {
		return "", err
	}
	claims["aud"], claims["iat"] = d.Issuer, time.Now().Unix()
	text := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	text.Header["typ"] = typ
	return text.SignedString(key)
}

var client = &http.Client{Timeout: 30 * time.Second}

func (d device) post(word string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	resp, err := client.Post(d.URL+"/"+word, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		why, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		return fmt.Errorf("%s: %s %s", word, resp.Status, why)
	}
	return json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(out)
}
