<?php
// How a WooCommerce plugin that is in production speaks on the wire, written anew from what it sends and accepts.
[$me, $base, $partnerNo, $key, $storeNo, $what] = $argv;
$rest = array_slice($argv, 6);

// It cuts the raw text at two bare words.
function verifies(string $text, string $key): bool
{
    $after = explode('response', $text, 2)[1] ?? '';
    $parts = explode('signature', $after, 2);
    if (count($parts) < 2) {
        return false;
    }
    $value = substr($parts[0], 2, -2);
    return hash('sha256', $value . $key) === substr($parts[1], 3, -2);
}

function call(string $path, array $body): array
{
    global $base, $partnerNo, $key;
    $header = ['version' => '1.0', 'partnerNo' => $partnerNo, 'reqMsgId' => '', 'reqTime' => date(DATE_ATOM),
               'signType' => 'SHA256'];
    $request = json_encode(['header' => $header, 'body' => $body]);
    $message = '{"request":' . $request . ',"signature":"' . hash('sha256', $request . $key) . '"}';
    $context = stream_context_create(['http' => ['method' => 'POST', 'header' => 'Content-type:application/json',
                                                 'content' => $message, 'timeout' => 40]]);
    // A 4xx or 5xx is false here: it never sees the body.
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
        'storeNo' => $storeNo, 'partnerOrderNo' => $number, 'wallet' => 'Wechat', 'orderAmount' => $total * 100,
        'orderTitle' => $title, 'operatorId' => '', 'terminalNo' => '', 'notifyUrl' => $notifyUrl,
        'returnUrl' => $returnUrl, 'currency' => 'CNY', 'goodsAmount' => $total * 100, 'goodsExtraAmount' => 0,
    ]);
    echo $answer['code'] == 1 ? $answer['payUrl'] : $answer['msg'];
} elseif ($what === 'query') {
    // The way back: it knows the number from the form alone, and names no store.
    echo call('/api/common/payQuery', ['partnerOrderNo' => $rest[0]])['status'];
} elseif ($what === 'notify') {
    $text = stream_get_contents(STDIN);
    if (!verifies($text, $key)) {
        exit(1);
    }
    echo json_decode($text, true)['response']['body']['partnerOrderNo'];
} elseif ($what === 'refund') {
    [$number, $refundNo, $total] = $rest;
    $answer = call('/api/common/refund', [
        'storeNo' => $storeNo, 'partnerOrderNo' => $number, 'refundNo' => $refundNo,
        // 19.99 * 100 is 1998 here.
        'orderAmount' => (int) ($total * 100), 'operatorId' => '', 'terminalNo' => '',
        'tradeSummary' => 'why' || '',
    ]);
    echo $answer['code'] == 1 ? $answer['status'] : $answer['msg'];
}
