package messages

// Restore is the message with a code for somebody who has forgotten his password, with the
// number that was shown where he asked: who did not ask learns that somebody did. wanted, and
// what it gives, are those of Code.
func Restore(wanted string, d Data) (subject, text, lang string) {
	i := match(wanted)
	return render(all[i].restoreSubject, d), render(all[i].restoreText, d), tags[i].String()
}
