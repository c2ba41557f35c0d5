// The pre-shared key of the API document's example. It takes the length of key and identity by sizeof of a pointer: 8
// on native64, 4 on a 32-bit board. Both ends have to be boards of one kind.
import { current } from '../../kernel/current.ts';
import { encodeText } from '../../kernel/text.ts';
import { CREDMAN_TYPE_PSK, type credman_credential_t, type credman_tag_t } from '../../net/credman.ts';

const psk_key = encodeText('secretPSK');
const psk_id = encodeText('secretID');

export function credential(tag: credman_tag_t): credman_credential_t {
  const sizeof_pointer = current().riotBoard === 'native64' ? 8 : 4;
  return {
    type: CREDMAN_TYPE_PSK,
    tag,
    params: { psk: { key: { s: psk_key, len: sizeof_pointer }, id: { s: psk_id, len: sizeof_pointer } } },
  };
}
