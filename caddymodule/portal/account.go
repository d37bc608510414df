package portal

// accountPages are for who is signed in, and about what is his.
var accountPages = map[string]page{}
