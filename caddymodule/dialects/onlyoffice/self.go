package onlyoffice

import "github.com/doorward/doorward/authcore"

// person is a user as clients need him after a login: strings that are never
// null, names that are never empty.
type person struct {
	ID               string  `json:"id"`
	UserName         string  `json:"userName"`
	IsVisitor        bool    `json:"isVisitor"`
	FirstName        string  `json:"firstName"`
	LastName         string  `json:"lastName"`
	Email            string  `json:"email"`
	Status           int     `json:"status"`           // 1: active
	ActivationStatus int     `json:"activationStatus"` // 1: activated
	Terminated       *string `json:"terminated"`
	DisplayName      string  `json:"displayName"`
	AvatarSmall      string  `json:"avatarSmall"`
	AvatarMedium     string  `json:"avatarMedium"`
	Avatar           string  `json:"avatar"`
	ProfileURL       string  `json:"profileUrl"`
	IsAdmin          bool    `json:"isAdmin"` // no account administers the gateway
	IsLDAP           bool    `json:"isLDAP"`
	IsOwner          bool    `json:"isOwner"`
	IsSSO            bool    `json:"isSSO"`
	QuotaLimit       int     `json:"quotaLimit"`
	UsedSpace        int     `json:"usedSpace"`
	DocsSpace        int     `json:"docsSpace"`
	MailSpace        int     `json:"mailSpace"`
	TalkSpace        int     `json:"talkSpace"`
}

// self answers GET people/@self.
func self(x *exchange) (any, error) {
	p, err := x.signedIn()
	if err != nil {
		return nil, err
	}
	return personOf(p), nil
}

// personOf names a user by his user name: there is no other that is always known.
func personOf(p *authcore.Principal) person {
	return person{
		ID: p.UserID, UserName: p.Name, FirstName: p.Name, LastName: p.Name, DisplayName: p.Name,
		Email: p.Email, Status: 1, ActivationStatus: 1,
	}
}

type capability struct {
	LDAPEnabled  bool     `json:"ldapEnabled"`
	OAuthEnabled bool     `json:"oauthEnabled"`
	Providers    []string `json:"providers"`
	SSOLabel     string   `json:"ssoLabel"`
	SSOURL       string   `json:"ssoUrl"`
}

// capabilities answers GET capabilities: the first call of the mobile clients.
func capabilities(x *exchange) (any, error) {
	providers := append([]string{}, x.Core.Logins.Sources()...) // never null
	return capability{OAuthEnabled: len(providers) > 0, Providers: providers}, nil
}

// The versions that clients are told: they decide by these how to speak, Bearer
// before a token from communityServer 10 on, and DocSpace by its being there.
// There is no document or mail server here.
const (
	communityServerVersion = "12.5.2"
	documentServerVersion  = "8.0.1"
	mailServerVersion      = "1.6.54"
	docSpaceVersion        = "3.0.0"
)

type version struct {
	DocSpace        string `json:"docSpace,omitempty"`
	CommunityServer string `json:"communityServer"`
	DocumentServer  string `json:"documentServer"`
	MailServer      string `json:"mailServer"`
}

// versions answers GET settings/version/build.
func versions(x *exchange) (any, error) {
	v := version{CommunityServer: communityServerVersion, DocumentServer: documentServerVersion, MailServer: mailServerVersion}
	if x.o.Flavour == docspace {
		v.DocSpace = docSpaceVersion
	}
	return v, nil
}
