package messages

// Wake is the message that wakes an app which is asked something. It says where and nothing
// of what: the app fetches that. wanted, and what it gives, are those of Code.
func Wake(wanted, site string) (subject, text, lang string) {
	i := match(wanted)
	d := Data{Site: site}
	return render(all[i].wakeSubject, d), render(all[i].wakeText, d), tags[i].String()
}
