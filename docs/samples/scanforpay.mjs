// Create an order and verify a notification. Node 18 or newer, no package. The sign key is in the environment:
//
//   SCANFORPAY_KEY=... node scanforpay.mjs create https://pay.example.com/api/ 10001 100010000000002 p1 Wechat 2100 \
//       https://shop.example.com/notify https://shop.example.com/done
//   SCANFORPAY_KEY=... node scanforpay.mjs verify < notification.json
//
// In your shop's notify route take the raw body (with Express: express.raw({type: '*/*'})), never a parsed one:
//
//   const told = verified(request.body, process.env.SCANFORPAY_KEY).body
//   // compare orderAmount and currency with your own order, mark it paid if status is 1, then:
//   response.send('success')
import {createHash, randomUUID, timingSafeEqual} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {pathToFileURL} from 'node:url'

export function sign(value, key) {
  return createHash('sha256').update(value).update(key).digest('hex')
}

/** The order's answer: payUrl, orderNo. The same call again answers the same. */
export async function createOrder(base, partnerNo, key, body) {
  const header = {version: '1.0', partnerNo, reqMsgId: randomUUID(), reqTime: new Date().toISOString(), signType: 'SHA256'}
  // Encode once: what is signed is what is sent.
  const value = JSON.stringify({header, body})
  const answer = await fetch(base.replace(/\/$/, '') + '/jspay/create', {
    method: 'POST',
    headers: {'Content-Type': 'application/json'},
    body: `{"request":${value},"signature":"${sign(value, key)}"}`,
    redirect: 'error',
    signal: AbortSignal.timeout(30_000),
  })
  const raw = Buffer.from(await answer.arrayBuffer())
  const told = JSON.parse(raw).response.body
  if (told.code !== 1) throw new Error(`refused with code ${told.code}: ${told.msg}`)
  return verified(raw, key).body
}

/** The value of "response", proven by the signature over its bytes. `raw` is a Buffer. */
export function verified(raw, key) {
  const start = '{"response":'
  const middle = ',"signature":"'
  const text = raw.toString('latin1') // one character a byte
  const at = text.lastIndexOf(middle)
  if (!key || !text.startsWith(start) || at < 0 || !text.endsWith('"}')) throw new Error('this is no signed message')
  const value = raw.subarray(start.length, at)
  const signature = raw.subarray(at + middle.length, raw.length - 2)
  const right = Buffer.from(sign(value, key))
  if (right.length !== signature.length || !timingSafeEqual(right, signature)) throw new Error('the signature is not right')
  return JSON.parse(value)
}

async function main([what, ...rest]) {
  const key = process.env.SCANFORPAY_KEY ?? ''
  if (what === 'create') {
    const [base, partnerNo, storeNo, partnerOrderNo, wallet, amount, notifyUrl = '', returnUrl = ''] = rest
    const order = {storeNo, partnerOrderNo, wallet, orderAmount: Number(amount), orderTitle: '一杯乌龙茶', notifyUrl, returnUrl}
    console.log((await createOrder(base, partnerNo, key, order)).payUrl)
  } else if (what === 'verify') {
    const told = verified(readFileSync(0), key).body
    console.log(`${told.partnerOrderNo} ${told.status} ${told.orderAmount} ${told.currency}`)
  } else {
    console.log(sign(readFileSync(0), key))
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(error.message)
    process.exit(1)
  })
}
