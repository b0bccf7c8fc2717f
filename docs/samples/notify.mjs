// A shop's notify route. Node 18 or newer, no package: SCANFORPAY_KEY=... ORDERS=/tmp/orders PORT=3000 node notify.mjs
//
// ORDERS is a folder with a file for each order, p1.json: {"amount":2100,"currency":"CNY","credited":0}. Your shop has a
// table in their place, and one conditional statement in place of what happens between reading and writing here, where
// nothing else of this process can run:
//
//   UPDATE orders SET paid_at = now() WHERE number = $1 AND paid_at IS NULL
//
// What follows from a payment (the goods, the mail) is done where that changed a row, and nowhere else.
import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:http'
import {join} from 'node:path'
import {verified} from './scanforpay.mjs'

/** What the shop answers: an HTTP status and a text. Only "success" ends the repetitions. */
export function receive(raw, key, folder) {
  let told
  try {
    told = verified(raw, key).body ?? {}
  } catch (error) {
    return [400, error.message]
  }
  const number = told.partnerOrderNo
  // Letters, digits, - and _, as your numbers are: this one becomes a file's name.
  const file = join(folder, `${number}.json`)
  if (typeof number !== 'string' || !/^[A-Za-z0-9_-]+$/.test(number) || !existsSync(file)) return [404, 'there is no such order']
  // Record the refund here. It is no payment of the order.
  if ('refundNo' in told) return [200, 'success']
  const order = JSON.parse(readFileSync(file))
  const same = told.orderAmount === order.amount && told.currency === order.currency
  if (!same || told.code !== 1 || told.status !== 1) return [409, 'this does not pay the order']
  if (order.credited === 0) writeFileSync(file, JSON.stringify({...order, credited: 1}))
  return [200, 'success']
}

createServer((request, response) => {
  const parts = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () => {
    const [status, text] = receive(Buffer.concat(parts), process.env.SCANFORPAY_KEY ?? '', process.env.ORDERS)
    response.writeHead(status, {'Content-Type': 'text/plain'}).end(text)
  })
}).listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
