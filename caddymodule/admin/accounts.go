package admin

import (
	"context"

	"github.com/doorward/doorward/authcore"
)

func addAccount(ctx context.Context, core *authcore.Core, in AddAccount) (Account, error) {
	a, err := core.Accounts.Add(ctx, in.operator(), authcore.NewAccount{Name: in.Name, ID: in.Key, Hub: in.Hub})
	return accountShape(a), err
}

func listAccounts(ctx context.Context, core *authcore.Core, in InTenant) ([]Account, error) {
	list, err := core.Accounts.List(ctx, in.operator())
	return shapes(list, err, accountShape)
}

func blockAccount(ctx context.Context, core *authcore.Core, in AccountRef) (Account, error) {
	a, err := core.Accounts.Block(ctx, in.operator(), in.Account)
	return accountShape(a), err
}

func unblockAccount(ctx context.Context, core *authcore.Core, in AccountRef) (Account, error) {
	a, err := core.Accounts.Unblock(ctx, in.operator(), in.Account)
	return accountShape(a), err
}

func closeAccount(ctx context.Context, core *authcore.Core, in AccountRef) (Account, error) {
	a, err := core.Accounts.Close(ctx, in.operator(), in.Account)
	return accountShape(a), err
}

func accountShape(a authcore.Account) Account {
	return Account{ID: a.ID, Tenant: a.Tenant, Name: a.Name, Status: string(a.Status), Hub: a.Hub, CreatedAt: moment(a.CreatedAt)}
}
