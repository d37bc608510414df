package authcore

// ActingIntegrator is an integrator of a dialect and a tenant, who has shown his key.
func ActingIntegrator(dialect, tenant string) Actor {
	return Actor{kind: actorIntegrator, integrator: "erp", dialect: dialect, tenant: tenant, operations: new([]string)}
}
