//VERSION=3
// True colour, 8 bit; the fourth band is transparency.
function setup() {
  return {
    input: ["B02", "B03", "B04", "dataMask"],
    output: { bands: 4, sampleType: "AUTO" }
  };
}

function evaluatePixel(px) {
  var gain = 2.5;
  return [gain * px.B04, gain * px.B03, gain * px.B02, px.dataMask];
}
