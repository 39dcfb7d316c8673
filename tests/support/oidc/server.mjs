// An OpenID Connect provider for tests: accounts and one client from the environment variable SETTINGS, as JSON:
// {"port", "issuer", "clientId", "clientSecret", "site", "accounts": {name: {"groups": [...]}}}.
// Its pages are oidc-provider's own for development: they take any password of an account that there is.
import { Provider } from "oidc-provider";

const settings = JSON.parse(process.env.SETTINGS);

const provider = new Provider(settings.issuer, {
  clients: [
    {
      client_id: settings.clientId,
      client_secret: settings.clientSecret,
      redirect_uris: [`${settings.site}/hub/oauth_callback`],
      post_logout_redirect_uris: [`${settings.site}/`],
    },
  ],
  claims: {
    openid: ["sub"],
    email: ["email", "email_verified"],
    profile: ["name", "preferred_username", "groups"],
  },
  cookies: { keys: ["only for tests"] },
  pkce: { required: () => false },
  findAccount(_context, name) {
    const account = settings.accounts[name];
    if (!account) return undefined;
    const claims = {
      sub: name,
      preferred_username: name,
      name,
      email: `${name}@example.org`,
      email_verified: true,
      groups: account.groups,
    };
    return { accountId: name, claims: async () => claims };
  },
});

provider.listen(settings.port, () => console.log(`listening on ${settings.issuer}`));
