async function main() {
const response = await fetch('https://api.aimlapi.com/v2/video/generations', {
method: 'POST',
headers: {
'Authorization': 'Bearer <YOUR_API_KEY>',
'Content-Type': 'application/json',
},
body: JSON.stringify({
"model": "video-01",
"prompt": "A menacing evil dragon appears in a distance above the tallest mountain, then rushes toward the camera with its jaws open, revealing massive fangs. We see it's coming."
}),
});
const data = await response.json();
console.log(JSON.stringify(data, null, 2));
}
main();
