// Calls wechatpay-node-v3: https://github.com/klover2/wechatpay-node-v3-ts
"use strict";
const WxPay = require("wechatpay-node-v3");
const { serve } = require("./lines.cjs");

let pay, config, secrets;

function start(given) {
  ({ config, secrets } = given);
  pay = new WxPay({
    appid: config.appid,
    mchid: config.mchid,
    serial_no: config.serial_no,
    // of the merchant's own certificate, of which only the serial number is used
    publicKey: Buffer.from(config.platform_certificates),
    privateKey: Buffer.from(secrets.private_key),
    key: secrets.apiv3_key,
  });
  return null;
}

// The package gives a refusal's body as text under error, and an order's as what starts the app.
function read({ status, data, error }) {
  if (error) return { status, body: JSON.parse(error) };
  const prepaid = data?.package?.startsWith("prepay_id=") ? data.package.slice(10) : data?.prepayid;
  return { status, body: prepaid ? { prepay_id: prepaid } : data };
}

async function bill({ day }) {
  const told = read(await pay.tradebill({ bill_date: day }));
  if (told.status !== 200) return told;
  const file = await pay.downloadBill(told.body.download_url);
  return { status: file.status, body: { ...told.body, text: file.data } };
}

async function notification({ headers, body }) {
  const genuine = await pay.verifySign({
    timestamp: headers["Wechatpay-Timestamp"],
    nonce: headers["Wechatpay-Nonce"],
    serial: headers["Wechatpay-Serial"],
    signature: headers["Wechatpay-Signature"],
    body,
  });
  if (!genuine) return null;
  const told = JSON.parse(body);
  const { ciphertext, associated_data, nonce } = told.resource;
  told.resource = pay.decipher_gcm(ciphertext, associated_data, nonce);
  return told;
}

serve({
  start,
  create: async ({ product, order }) => read(await pay[`transactions_${product}`](order)),
  query: async (numbers) => read(await pay.query(numbers)),
  close: async ({ out_trade_no }) => read(await pay.close(out_trade_no)),
  refund: async ({ wanted }) => read(await pay.refunds(wanted)),
  refund_query: async ({ out_refund_no }) => read(await pay.find_refunds(out_refund_no)),
  bill,
  notification,
  bridge: ({ prepay_id, timestamp, nonce }) =>
    pay.sign([config.appid, timestamp, nonce, `prepay_id=${prepay_id}`, ""].join("\n")),
});
