package portal

// signInPages lead to a session.
var signInPages = map[string]page{}
