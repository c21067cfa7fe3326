// Short tones for results, so that a cashier who looks at the customer hears how it went.

const tunes = {
  good: [[660, 0], [880, 0.1]],
  bad: [[220, 0], [165, 0.16]],
  note: [[523, 0]],
};
let context = null;

export const silent = () => localStorage.getItem('obol.silent') === 'yes';
export const setSilent = value => localStorage.setItem('obol.silent', value ? 'yes' : 'no');

export function tone(kind) {
  if (silent()) return;
  context ??= new AudioContext();
  // Before the first gesture a browser plays nothing, and would keep the tone for later.
  if (context.state === 'suspended') return void context.resume();
  for (const [pitch, after] of tunes[kind]) {
    const start = context.currentTime + after;
    const source = new OscillatorNode(context, {frequency: pitch, type: kind === 'bad' ? 'square' : 'sine'});
    const volume = new GainNode(context, {gain: 0});
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.12, start + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.14);
    source.connect(volume).connect(context.destination);
    source.start(start);
    source.stop(start + 0.15);
  }
}
