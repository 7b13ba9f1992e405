// Proves requests of this page. Browsers send the session cookie to every port of its host, so a session of the
// dashboard also needs HMAC-SHA256(page key, challenge of the server). The page key is received at sign-in and kept as
// a CryptoKey, which scripts of this origin can use but not read.

import { getPageChallenge, pageHeader, pageKeyHeader, pageProofHeader, pageProofQuery } from '../../api/local.ts'

const challengeTimeoutMs = 5_000

/** False for plain HTTP on another machine; the session then consists of the cookie alone. */
const canHoldKey = (): boolean => globalThis.crypto?.subtle !== undefined && globalThis.indexedDB !== undefined

/** Empty without a page key; undefined until it has been computed. */
let proof: string | undefined
let renewing: Promise<string> | undefined

/** Computes the proof again: coderd has restarted, or another page has signed in. Never rejects. */
export function renewPageProof(): Promise<string> {
  renewing ??= computeProof()
    .then((computed) => {
      proof = computed
      return computed
    })
    // The server does not respond, which the next request reports.
    .catch(() => proof ?? '')
    .finally(() => {
      renewing = undefined
    })
  return renewing
}

async function computeProof(): Promise<string> {
  const key = canHoldKey() ? await loadKey() : undefined
  if (!key) return ''
  const response = await fetch(getPageChallenge.path, { signal: AbortSignal.timeout(challengeTimeoutMs) })
  const { challenge } = (await response.json()) as { challenge: string }
  const signature = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(challenge))
  return toBase64Url(signature)
}

/** `fetch` with the proof. Repeats a refused request once if the proof has changed. */
export async function fetchWithProof(
  address: string,
  request: RequestInit & { readonly headers: Record<string, string> },
): Promise<Response> {
  const sent = proof ?? (await renewPageProof())
  const response = await send(address, request, sent)
  if (response.status !== 401 || !canHoldKey()) return response
  const renewed = await renewPageProof()
  return renewed === sent ? response : await send(address, request, renewed)
}

async function send(
  address: string,
  request: RequestInit & { readonly headers: Record<string, string> },
  value: string,
): Promise<Response> {
  const headers = {
    ...request.headers,
    ...(canHoldKey() && { [pageHeader]: 'true' }),
    ...(value && { [pageProofHeader]: value }),
  }
  const response = await fetch(address, { ...request, headers })
  const key = response.headers.get(pageKeyHeader)
  if (key !== null) {
    await storeKey(key)
    renewing = undefined
    await renewPageProof()
  }
  return response
}

/** A WebSocket URL with the proof, which cannot be sent in a header. */
export function withPageProof(url: string): string {
  if (!proof) return url
  return `${url}${url.includes('?') ? '&' : '?'}${pageProofQuery}=${proof}`
}

async function storeKey(base64: string): Promise<void> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  await inStore('readwrite', (store) => store.put(key, keyName))
}

const loadKey = () => inStore('readonly', (store) => store.get(keyName)) as Promise<CryptoKey | undefined>

const databaseName = 'coder-local'
const storeName = 'page-keys'
const keyName = 'session'

async function inStore(mode: IDBTransactionMode, run: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const opening = indexedDB.open(databaseName, 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore(storeName)
  const database = (await settled(opening)) as IDBDatabase
  try {
    return await settled(run(database.transaction(storeName, mode).objectStore(storeName)))
  } finally {
    database.close()
  }
}

const settled = (request: IDBRequest) =>
  new Promise<unknown>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

function toBase64Url(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
