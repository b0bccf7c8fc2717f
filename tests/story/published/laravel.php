<?php
// How a Laravel shop that is in production speaks on the wire, written anew from what it sends and accepts.
[$me, $base, $partnerNo, $key, $storeNo, $what] = $argv;
$rest = array_slice($argv, 6);

// It decodes, encodes again and hashes that.
function verifies(string $text, string $key): bool
{
    $message = json_decode($text, true);
    return hash('sha256', json_encode($message['response']) . $key) === $message['signature'];
}

function call(string $path, array $body): array
{
    global $base, $partnerNo, $key;
    $header = ['version' => '1.0', 'partnerNo' => $partnerNo, 'reqMsgId' => uniqid(), 'reqTime' => date('c'),
               'signType' => 'SHA256'];
    $request = ['header' => $header, 'body' => $body];
    $message = json_encode(['request' => $request, 'signature' => hash('sha256', json_encode($request) . $key)]);
    $context = stream_context_create(['http' => ['method' => 'POST', 'content' => $message, 'timeout' => 40,
                                                 'header' => 'Content-Type: application/json;charset=utf-8']]);
    $text = file_get_contents($base . $path, false, $context);
    if ($text === false || !verifies($text, $key)) {
        fwrite(STDERR, "no answer that verifies: $text\n");
        exit(1);
    }
    return json_decode($text, true)['response']['body'];
}

if ($what === 'create') {
    [$path, $number, $total, $notifyUrl, $returnUrl, $title] = $rest;
    $answer = call($path, [
        'storeNo' => $storeNo, 'partnerOrderNo' => $number, 'wallet' => 'Wechat', 'orderAmount' => (int) round($total * 100),
        'orderTitle' => $title, 'notifyUrl' => $notifyUrl, 'returnUrl' => $returnUrl, 'currency' => 'CNY',
    ]);
    echo $answer['code'] == 1 ? $answer['payUrl'] : $answer['msg'];
} elseif ($what === 'query') {
    echo call('/api/common/payQuery', ['storeNo' => $storeNo, 'partnerOrderNo' => $rest[0]])['status'];
} elseif ($what === 'notify') {
    $text = stream_get_contents(STDIN);
    if (!verifies($text, $key)) {
        exit(1);
    }
    echo json_decode($text, true)['response']['body']['partnerOrderNo'];
} elseif ($what === 'refund') {
    [$number, $refundNo, $total] = $rest;
    $answer = call('/api/common/refund', ['partnerOrderNo' => $number, 'refundNo' => $refundNo,
                                          'orderAmount' => (int) round($total * 100), 'tradeSummary' => false]);
    echo $answer['code'] == 1 ? $answer['status'] : $answer['msg'];
}
