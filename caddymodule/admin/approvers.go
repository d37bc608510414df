package admin

import (
	"context"

	"github.com/doorward/doorward/authcore"
)

func addApprover(ctx context.Context, core *authcore.Core, in AddApprover) (AddedApprover, error) {
	a, err := core.Accounts.AddApprover(ctx, in.operator(), authcore.Approver{
		Account: in.Account, UserID: in.User, Document: in.Document, Phone: in.Phone, Email: in.Email, Face: in.Face,
	})
	if err != nil {
		return AddedApprover{}, err
	}
	added := AddedApprover{Approver: approverShape(a)}
	if reached, err := core.Accounts.Reaches(ctx, in.operator(), a); err == nil && !reached { // he is added all the same
		added.Remark = "no token can be sent to " + in.User + ": give --phone or --email for which the configuration has a channel"
	}
	return added, nil
}

func listApprovers(ctx context.Context, core *authcore.Core, in AccountRef) ([]Approver, error) {
	list, err := core.Accounts.Approvers(ctx, in.operator(), in.Account)
	if err != nil {
		return nil, err
	}
	// One by one: of a large tenant few approve.
	names := make(map[string]string, len(list))
	for _, a := range list {
		u, err := core.Users.Get(ctx, in.operator(), a.UserID)
		if err != nil && authcore.CodeOf(err) != authcore.CodeNotFound { // removed meanwhile
			return nil, err
		}
		names[a.UserID] = u.Name
	}
	return shapes(list, nil, func(a authcore.Approver) Approver {
		shape := approverShape(a)
		shape.UserName = names[a.UserID]
		return shape
	})
}

func removeApprover(ctx context.Context, core *authcore.Core, in ApproverRef) (Approver, error) {
	a, err := core.Accounts.RemoveApprover(ctx, in.operator(), in.Account, in.User)
	return approverShape(a), err
}

func approverShape(a authcore.Approver) Approver {
	return Approver{
		Account: a.Account, User: a.UserID, Document: a.Document, Phone: a.Phone, Email: a.Email, Face: a.Face, CreatedAt: moment(a.CreatedAt),
	}
}
