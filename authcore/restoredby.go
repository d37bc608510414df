package authcore

// counts says whether u can log in with d as far as his password is concerned: not where the
// code went that restored it, or that one device would be both factors (NIST SP 800-63B
// section 4.2). It ends with a login by his password and another device, or with another
// password that he or an operator chose: of who logs in by the word of another source it is
// not known whether the password is his.
func (u User) counts(d Device) bool { return u.RestoredBy == "" || d.Address != u.RestoredBy }
