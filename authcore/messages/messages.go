// Package messages has the texts that people get.
package messages

import "strconv"

// Data is what a text speaks of.
type Data struct {
	Code    string
	Site    string
	Minutes int
}

// Code is the message with a one-time password.
func Code(language string, d Data) (subject, text, lang string) {
	return d.Site, d.Code + " is your code for " + d.Site + ", for " + strconv.Itoa(d.Minutes) + " minutes.", "en"
}
