package pages

// SignIn is the Data of "signin".
type SignIn struct {
	Name   string // as it was typed
	Invite string // the token of an invitation; empty: none
	Again  bool   // who is signed in shows both factors once more
}

// Code is the Data of "code".
type Code struct {
	Action string // the page that is posted to, below the prefix
	// Makers make their codes themselves; codes are sent to Receivers.
	Makers, Receivers []Device
	Backup            bool   // a backup code will do
	Sent              string // where a code is on its way to; empty: none is
	Asked             Asked  // the device that is being asked; without a number: none is
	Wait              int    // minutes until it makes sense to try again; 0: none
}

// Asked is a device that answers by itself, and is being asked whether this is he.
type Asked struct {
	Kind, Name string
	Number     string // two digits, to be compared with what it shows, or entered there
}

// CodeWait is the Data of "code_wait": nothing has to be typed here.
type CodeWait struct {
	Action string // the page where a code can be typed instead, below the prefix
	Asked
	Still bool // the page does not look again by itself
}

// Device is one that a person can choose.
type Device struct{ ID, Name, Kind, Address string }
