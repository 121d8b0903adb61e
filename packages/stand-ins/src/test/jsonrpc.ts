/** One answer of /jsonrpc, whole. */
export type RpcAnswer = {
  jsonrpc: string;
  id: number;
  result?: unknown;
  error?: { code: number; message: string; data: { name: string; message: string; debug: string } };
};

export async function callRpc(url: string, service: string, method: string, args: unknown[]): Promise<RpcAnswer> {
  const answer = await fetch(`${url}/jsonrpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', method: 'call', id: 7, params: { service, method, args } }),
  });
  if (answer.status !== 200) {
    throw new Error(`/jsonrpc answered ${answer.status}`);
  }
  return (await answer.json()) as RpcAnswer;
}
