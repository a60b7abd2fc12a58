// Open WebUI's HTTP API, as far as the tests need it.

/** Calls it as the token's user; `body` makes it a POST. */
export async function call(url, token, path, body) {
  const response = await fetch(`${url}/api${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

export const signedIn = async (url, user) => (await call(url, undefined, '/v1/auths/signin', user)).token;

/** A further user; the token is an administrator's. */
export async function addUser(url, token, name) {
  const user = { name, email: `${name.toLowerCase()}@example.org`, password: 'correct horse battery', role: 'user' };
  return call(url, token, '/v1/auths/add', user);
}

export const newNote = (url, token, title) =>
  call(url, token, '/v1/notes/create', { title, data: { content: { json: null, html: '', md: '' } }, meta: null, access_control: null });

/** A streamed answer without a socket: classic server-sent events. */
export const streamedAnswer = (url, token, content) =>
  fetch(`${url}/api/chat/completions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify({ model: 'words', stream: true, messages: [{ role: 'user', content }] }),
  });
