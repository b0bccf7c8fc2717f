// Calls alipay-sdk, Alipay's own for Node.js: https://github.com/alipay/alipay-sdk-nodejs-all
"use strict";
const { AlipaySdk } = require("alipay-sdk");
const { serve } = require("./lines.cjs");

let alipay, token;

function start({ config, secrets }) {
  const keys = config.app_certificate
    ? {
        appCertContent: config.app_certificate,
        alipayPublicCertContent: config.alipay_certificate,
        alipayRootCertContent: config.root_certificates,
      }
    : { alipayPublicKey: config.alipay_public_key };
  alipay = new AlipaySdk({ appId: config.app_id, privateKey: secrets.private_key, keyType: "PKCS8", camelcase: false, ...keys });
  token = secrets.app_auth_token;
}

const beside = () => (token ? { app_auth_token: token } : {});

async function call({ method, biz, notify_url, beside: more }) {
  const given = { ...beside(), ...more, ...(biz && { biz_content: biz }), ...(notify_url && { notify_url }) };
  return alipay.exec(method, given, { validateSign: true });
}

serve({
  start,
  call,
  token: ({ code }) =>
    alipay.exec("alipay.system.oauth.token", { grant_type: "authorization_code", code }, { validateSign: true }),
  page: ({ biz, notify_url, return_url }) =>
    alipay.pageExecute("alipay.trade.wap.pay", "GET", { ...beside(), bizContent: biz, notify_url, return_url }),
  notification: ({ form }) => alipay.checkNotifySignV2(form),
});
