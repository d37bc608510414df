package elcoin

// restore answers POST passwordRestore: whoever is named, with the same words (law 12).
func restore(x *oauthCall) (any, error) {
	if err := x.checkScope(scopeRestore, scopeCustomer); err != nil {
		return nil, err
	}
	client, err := x.client()
	if err != nil {
		return nil, err
	}
	a := x.attempt()
	a.Tenant, a.Name = client.Tenant(), x.fields.Get("username")
	r, err := x.Core.Users.AskRestore(x.Context(), a)
	if err != nil {
		return nil, err
	}
	return mfaState{
		BindingMethod: "prompt", Token: r.Token, Error: mfaCodeRequired, Code: &r.Number, State: x.fields.Get("state"),
		Description: "If there is such a user, a code is on its way to him: go on at /oauth/v2/passwordRestoreVerification.",
	}, nil
}

// verifyRestore answers POST passwordRestoreVerification. The token that it gives opens
// nothing: it is the proof for passwordRestoreReset.
func verifyRestore(x *oauthCall) (any, error) {
	if err := x.needText("code", "mfa_token"); err != nil {
		return nil, err
	}
	if x.fields.Get("grant_type") != grantMFA {
		return nil, refuse(unsupportedGrantType, "The grant type is %s.", grantMFA)
	}
	if err := x.checkScope(scopeRestore, scopeCustomer); err != nil {
		return nil, err
	}
	if err := x.checkClient(); err != nil {
		return nil, err
	}
	next, until, err := x.Core.Users.RestoreCode(x.Context(), x.attempt(), x.fields.Get("mfa_token"), padded(x.fields.Get("code")))
	if err != nil {
		return nil, err
	}
	answer := x.issue(next, until, scopeRestore)
	answer.MFAToken = next
	return answer, nil
}

// resetPassword answers POST passwordRestoreReset.
func resetPassword(x *oauthCall) (any, error) {
	if err := x.needText("password"); err != nil {
		return nil, err
	}
	token, err := x.restoreToken()
	if err != nil {
		return nil, err
	}
	if err := x.Core.Users.RestorePassword(x.Context(), x.attempt(), token, x.fields.Get("password")); err != nil {
		return nil, err
	}
	return struct{}{}, nil
}

// restoreToken is where the vendor's page leaves open: in the body, or as Bearer. Two that
// differ are none.
func (x *oauthCall) restoreToken() (string, error) {
	token := x.fields.Get("mfa_token")
	shown, bears := bearer(x.Header)
	switch {
	case token == "" && !bears:
		return "", refuse(invalidRequest, "'mfa_token' is missing, and no Bearer token stands for it.")
	case token == "":
		return shown, nil
	case bears && shown != token:
		return "", refuse(invalidRequest, "'mfa_token' is another than the Bearer token.")
	}
	return token, nil
}
