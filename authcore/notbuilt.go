package authcore

var errNotBuilt = Errorf(CodeInternal, "not built yet")
