package authcore

// Attributes are what a dialect remembers of a user or a device, by names of its
// own. The core reads none of them.
type Attributes map[string]string
