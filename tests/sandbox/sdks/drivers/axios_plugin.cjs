// Calls wechatpay-axios-plugin: https://github.com/TheNorthMemory/wechatpay-axios-plugin
"use strict";
const zlib = require("node:zlib");
const { Wechatpay, Rsa, Formatter, Aes } = require("wechatpay-axios-plugin");
const { serve } = require("./lines.cjs");

let pay, config, secrets, partner, own, certs;

function start(given) {
  ({ config, secrets, partner } = given);
  certs = config.public_key
    ? { [config.public_key_id]: config.public_key }
    : { [given.platform_serial]: config.platform_certificates };
  certs = Object.fromEntries(Object.entries(certs).map(([id, pem]) => [id, Rsa.from(pem, Rsa.KEY_TYPE_PUBLIC)]));
  pay = new Wechatpay({
    mchid: config.mchid,
    serial: config.serial_no,
    privateKey: Rsa.from(secrets.private_key, Rsa.KEY_TYPE_PRIVATE),
    certs,
    secret: secrets.apiv3_key,
  });
  own = partner
    ? { sp_mchid: config.mchid, sub_mchid: config.sub_mchid }
    : { mchid: config.mchid };
  return null;
}

function transactions() {
  return partner ? pay.v3.pay.partner.transactions : pay.v3.pay.transactions;
}

async function read(promise) {
  try {
    const { status, data } = await promise;
    return { status, body: data };
  } catch (error) {
    if (!error.response || error.response.status < 400) throw error;
    return { status: error.response.status, body: error.response.data };
  }
}

const apps = () => (partner ? { sp_appid: config.appid } : { appid: config.appid });

const handlers = {
  start,
  create: ({ product, order }) => read(transactions()[product].post({ ...apps(), ...own, ...order })),
  query: ({ out_trade_no, transaction_id }) =>
    read(
      transaction_id
        ? transactions().id._transaction_id_.get({ params: own, transaction_id })
        : transactions().outTradeNo._out_trade_no_.get({ params: own, out_trade_no }),
    ),
  close: ({ out_trade_no }) => read(transactions().outTradeNo._out_trade_no_.close.post(own, { out_trade_no })),
  reverse: ({ out_trade_no }) =>
    read(transactions().outTradeNo._out_trade_no_.reverse.post({ ...apps(), ...own }, { out_trade_no })),
  refund: ({ wanted }) => read(pay.v3.refund.domestic.refunds.post({ ...sub(), ...wanted })),
  refund_query: ({ out_refund_no }) =>
    read(pay.v3.refund.domestic.refunds._out_refund_no_.get({ params: sub(), out_refund_no })),
  bill,
  notification,
  bridge: ({ prepay_id, timestamp, nonce }) =>
    Rsa.sign(
      Formatter.joinedByLineFeed(config.appid, timestamp, nonce, `prepay_id=${prepay_id}`),
      Rsa.from(secrets.private_key, Rsa.KEY_TYPE_PRIVATE),
    ),
};

function sub() {
  return partner ? { sub_mchid: config.sub_mchid } : {};
}

async function bill({ day }) {
  const told = await read(pay.v3.bill.tradebill.get({ params: { bill_date: day, tar_type: "GZIP", ...sub() } }));
  if (told.status !== 200) return told;
  const url = new URL(told.body.download_url);
  const file = await pay.v3.billdownload.file.get({
    params: Object.fromEntries(url.searchParams),
    responseType: "arraybuffer",
  });
  return { status: file.status, body: { ...told.body, text: zlib.gunzipSync(file.data).toString() } };
}

function notification({ headers, body }) {
  const message = Formatter.response(headers["Wechatpay-Timestamp"], headers["Wechatpay-Nonce"], body);
  if (!Rsa.verify(message, headers["Wechatpay-Signature"], certs[headers["Wechatpay-Serial"]])) return null;
  const told = JSON.parse(body);
  const { nonce, ciphertext, associated_data } = told.resource;
  told.resource = JSON.parse(Aes.AesGcm.decrypt(ciphertext, secrets.apiv3_key, nonce, associated_data));
  return told;
}

serve(handlers);
