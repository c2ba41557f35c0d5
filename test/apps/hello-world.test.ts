import test from 'ava';
import { printed } from './console.ts';

test('hello-world greets and names board and CPU as native64 does, and ends', (t) => {
  // All that the board ever prints, under both spellings of the app's name.
  const text = 'Hello World!\n' +
    'You are running RIOT on a(n) native64 board.\n' +
    'This board features a(n) native CPU.\n';
  t.is(printed('hello-world'), text);
  t.is(printed('hello_world'), text);
});
