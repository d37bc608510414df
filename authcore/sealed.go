package authcore

// SealedValue is one sealed value and where it stands: what its seal is bound to.
type SealedValue struct {
	Table, Column, Row string
	Sealed             []byte
}
