package pages

// Refused is the Data of the page "refused": a request that was not passed on.
type Refused struct {
	Text string // a key: what to do now
	// Link is where to do it, and Label the key of its text; empty: there is nowhere.
	Link, Label string
}
