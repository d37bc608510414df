package surepassid

// Sample is the vendor's request.
var Sample = sample
