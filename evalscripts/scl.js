//VERSION=3
// The classes of the atmospheric correction, 0 for no data.
function setup() {
  return {
    input: [{ bands: ["SCL", "dataMask"], units: "DN" }],
    output: { bands: 1, sampleType: "UINT8", nodataValue: 0 }
  };
}

function evaluatePixel(px) {
  return [px.dataMask === 1 ? px.SCL : 0];
}
