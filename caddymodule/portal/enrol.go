package portal

// addPages are where who is signed in enrols another device.
var addPages = map[string]page{}
