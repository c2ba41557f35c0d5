// AES-128-CCM vectors: `sealed` is the ciphertext with its tag. RFC 3610 §8 (Packet Vectors 1..24), NIST SP 800-38C
// Appendix C (Examples 1..3), and NIST CAVP ccmtestvectors, DVPT128.rsp (counts 0 and 60) and others of that set.

export interface CcmVector {
  readonly name: string;
  readonly key: string;
  readonly nonce: string;
  readonly aad: string;
  readonly plain: string;
  readonly sealed: string;
}

export const CCM_VECTORS: readonly CcmVector[] = [
  {
    name: 'RFC 3610 packet vector 1', key: 'c0c1c2c3c4c5c6c7c8c9cacbcccdcecf', nonce: '00000003020100a0a1a2a3a4a5',
    aad: '0001020304050607', plain: '08090a0b0c0d0e0f101112131415161718191a1b1c1d1e',
    sealed: '588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0',
  },
  {
    name: 'RFC 3610 packet vector 2', key: 'c0c1c2c3c4c5c6c7c8c9cacbcccdcecf', nonce: '00000004030201a0a1a2a3a4a5',
    aad: '0001020304050607', plain: '08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    sealed: '72c91a36e135f8cf291ca894085c87e3cc15c439c9e43a3ba091d56e10400916',
  },
  {
    name: 'RFC 3610 packet vector 3', key: 'c0c1c2c3c4c5c6c7c8c9cacbcccdcecf', nonce: '00000005040302a0a1a2a3a4a5',
    aad: '0001020304050607', plain: '08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20',
    sealed: '51b1e5f44a197d1da46b0f8e2d282ae871e838bb64da8596574adaa76fbd9fb0c5',
  },
  {
    name: 'RFC 3610 packet vector 4', key: 'c0c1c2c3c4c5c6c7c8c9cacbcccdcecf', nonce: '00000006050403a0a1a2a3a4a5',
    aad: '000102030405060708090a0b', plain: '0c0d0e0f101112131415161718191a1b1c1d1e',
    sealed: 'a28c6865939a9a79faaa5c4c2a9d4a91cdac8c96c861b9c9e61ef1',
  },
  {
    name: 'RFC 3610 packet vector 5', key: 'c0c1c2c3c4c5c6c7c8c9cacbcccdcecf', nonce: '00000007060504a0a1a2a3a4a5',
    aad: '000102030405060708090a0b', plain: '0c0d0e0f101112131415161718191a1b1c1d1e1f',
    sealed: 'dcf1fb7b5d9e23fb9d4e131253658ad86ebdca3e51e83f077d9c2d93',
  },
  {
    name: 'RFC 3610 packet vector 6', key: 'c0c1c2c3c4c5c6c7c8c9cacbcccdcecf', nonce: '00000008070605a0a1a2a3a4a5',
    aad: '000102030405060708090a0b', plain: '0c0d0e0f101112131415161718191a1b1c1d1e1f20',
    sealed: '6fc1b011f006568b5171a42d953d469b2570a4bd87405a0443ac91cb94',
  },
  {
    name: 'RFC 3610 packet vector 7', key: 'c0c1c2c3c4c5c6c7c8c9cacbcccdcecf', nonce: '00000009080706a0a1a2a3a4a5',
    aad: '0001020304050607', plain: '08090a0b0c0d0e0f101112131415161718191a1b1c1d1e',
    sealed: '0135d1b2c95f41d5d1d4fec185d166b8094e999dfed96c048c56602c97acbb7490',
  },
  {
    name: 'RFC 3610 packet vector 8', key: 'c0c1c2c3c4c5c6c7c8c9cacbcccdcecf', nonce: '0000000a090807a0a1a2a3a4a5',
    aad: '0001020304050607', plain: '08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    sealed: '7b75399ac0831dd2f0bbd75879a2fd8f6cae6b6cd9b7db24c17b4433f434963f34b4',
  },
  {
    name: 'RFC 3610 packet vector 9', key: 'c0c1c2c3c4c5c6c7c8c9cacbcccdcecf', nonce: '0000000b0a0908a0a1a2a3a4a5',
    aad: '0001020304050607', plain: '08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20',
    sealed: '82531a60cc24945a4b8279181ab5c84df21ce7f9b73f42e197ea9c07e56b5eb17e5f4e',
  },
  {
    name: 'RFC 3610 packet vector 10', key: 'c0c1c2c3c4c5c6c7c8c9cacbcccdcecf', nonce: '0000000c0b0a09a0a1a2a3a4a5',
    aad: '000102030405060708090a0b', plain: '0c0d0e0f101112131415161718191a1b1c1d1e',
    sealed: '07342594157785152b074098330abb141b947b566aa9406b4d999988dd',
  },
  {
    name: 'RFC 3610 packet vector 11', key: 'c0c1c2c3c4c5c6c7c8c9cacbcccdcecf', nonce: '0000000d0c0b0aa0a1a2a3a4a5',
    aad: '000102030405060708090a0b', plain: '0c0d0e0f101112131415161718191a1b1c1d1e1f',
    sealed: '676bb20380b0e301e8ab79590a396da78b834934f53aa2e9107a8b6c022c',
  },
  {
    name: 'RFC 3610 packet vector 12', key: 'c0c1c2c3c4c5c6c7c8c9cacbcccdcecf', nonce: '0000000e0d0c0ba0a1a2a3a4a5',
    aad: '000102030405060708090a0b', plain: '0c0d0e0f101112131415161718191a1b1c1d1e1f20',
    sealed: 'c0ffa0d6f05bdb67f24d43a4338d2aa4bed7b20e43cd1aa31662e7ad65d6db',
  },
  {
    name: 'RFC 3610 packet vector 13', key: 'd7828d13b2b0bdc325a76236df93cc6b', nonce: '00412b4ea9cdbe3c9696766cfa',
    aad: '0be1a88bace018b1', plain: '08e8cf97d820ea258460e96ad9cf5289054d895ceac47c',
    sealed: '4cb97f86a2a4689a877947ab8091ef5386a6ffbdd080f8e78cf7cb0cddd7b3',
  },
  {
    name: 'RFC 3610 packet vector 14', key: 'd7828d13b2b0bdc325a76236df93cc6b', nonce: '0033568ef7b2633c9696766cfa',
    aad: '63018f76dc8a1bcb', plain: '9020ea6f91bdd85afa0039ba4baff9bfb79c7028949cd0ec',
    sealed: '4ccb1e7ca981befaa0726c55d378061298c85c92814abc33c52ee81d7d77c08a',
  },
  {
    name: 'RFC 3610 packet vector 15', key: 'd7828d13b2b0bdc325a76236df93cc6b', nonce: '00103fe41336713c9696766cfa',
    aad: 'aa6cfa36cae86b40', plain: 'b916e0eacc1c00d7dcec68ec0b3bbb1a02de8a2d1aa346132e',
    sealed: 'b1d23a2220ddc0ac900d9aa03c61fcf4a559a4417767089708a776796edb723506',
  },
  {
    name: 'RFC 3610 packet vector 16', key: 'd7828d13b2b0bdc325a76236df93cc6b', nonce: '00764c63b8058e3c9696766cfa',
    aad: 'd0d0735c531e1becf049c244', plain: '12daac5630efa5396f770ce1a66b21f7b2101c',
    sealed: '14d253c3967b70609b7cbb7c499160283245269a6f49975bcadeaf',
  },
  {
    name: 'RFC 3610 packet vector 17', key: 'd7828d13b2b0bdc325a76236df93cc6b', nonce: '00f8b678094e3b3c9696766cfa',
    aad: '77b60f011c03e1525899bcae', plain: 'e88b6a46c78d63e52eb8c546efb5de6f75e9cc0d',
    sealed: '5545ff1a085ee2efbf52b2e04bee1e2336c73e3f762c0c7744fe7e3c',
  },
  {
    name: 'RFC 3610 packet vector 18', key: 'd7828d13b2b0bdc325a76236df93cc6b', nonce: '00d560912d3f703c9696766cfa',
    aad: 'cd9044d2b71fdb8120ea60c0', plain: '6435acbafb11a82e2f071d7ca4a5ebd93a803ba87f',
    sealed: '009769ecabdf48625594c59251e6035722675e04c847099e5ae0704551',
  },
  {
    name: 'RFC 3610 packet vector 19', key: 'd7828d13b2b0bdc325a76236df93cc6b', nonce: '0042fff8f1951c3c9696766cfa',
    aad: 'd85bc7e69f944fb8', plain: '8a19b950bcf71a018e5e6701c91787659809d67dbedd18',
    sealed: 'bc218daa947427b6db386a99ac1aef23ade0b52939cb6a637cf9bec2408897c6ba',
  },
  {
    name: 'RFC 3610 packet vector 20', key: 'd7828d13b2b0bdc325a76236df93cc6b', nonce: '00920f40e56cdc3c9696766cfa',
    aad: '74a0ebc9069f5b37', plain: '1761433c37c5a35fc1f39f406302eb907c6163be38c98437',
    sealed: '5810e6fd25874022e80361a478e3e9cf484ab04f447efff6f0a477cc2fc9bf548944',
  },
  {
    name: 'RFC 3610 packet vector 21', key: 'd7828d13b2b0bdc325a76236df93cc6b', nonce: '0027ca0c7120bc3c9696766cfa',
    aad: '44a3aa3aae6475ca', plain: 'a434a8e58500c6e41530538862d686ea9e81301b5ae4226bfa',
    sealed: 'f2beed7bc5098e83feb5b31608f8e29c38819a89c8e776f1544d4151a4ed3a8b87b9ce',
  },
  {
    name: 'RFC 3610 packet vector 22', key: 'd7828d13b2b0bdc325a76236df93cc6b', nonce: '005b8ccbcd9af83c9696766cfa',
    aad: 'ec46bb63b02520c33c49fd70', plain: 'b96b49e21d621741632875db7f6c9243d2d7c2',
    sealed: '31d750a09da3ed7fddd49a2032aabf17ec8ebf7d22c8088c666be5c197',
  },
  {
    name: 'RFC 3610 packet vector 23', key: 'd7828d13b2b0bdc325a76236df93cc6b', nonce: '003ebe94044b9a3c9696766cfa',
    aad: '47a65ac78b3d594227e85e71', plain: 'e2fcfbb880442c731bf95167c8ffd7895e337076',
    sealed: 'e882f1dbd38ce3eda7c23f04dd65071eb41342acdf7e00dccec7ae52987d',
  },
  {
    name: 'RFC 3610 packet vector 24', key: 'd7828d13b2b0bdc325a76236df93cc6b', nonce: '008d493b30ae8b3c9696766cfa',
    aad: '6e37a6ef546d955d34ab6059', plain: 'abf21c0b02feb88f856df4a37381bce3cc128517d4',
    sealed: 'f32905b88a641b04b9c9ffb58cc390900f3da12ab16dce9e82efa16da62059',
  },
  {
    name: 'SP 800-38C example 1', key: '404142434445464748494a4b4c4d4e4f', nonce: '10111213141516',
    aad: '0001020304050607', plain: '20212223',
    sealed: '7162015b4dac255d',
  },
  {
    name: 'SP 800-38C example 2', key: '404142434445464748494a4b4c4d4e4f', nonce: '1011121314151617',
    aad: '000102030405060708090a0b0c0d0e0f', plain: '202122232425262728292a2b2c2d2e2f',
    sealed: 'd2a1f0e051ea5f62081a7792073d593d1fc64fbfaccd',
  },
  {
    name: 'SP 800-38C example 3', key: '404142434445464748494a4b4c4d4e4f', nonce: '101112131415161718191a1b',
    aad: '000102030405060708090a0b0c0d0e0f10111213', plain: '202122232425262728292a2b2c2d2e2f3031323334353637',
    sealed: 'e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951',
  },
  {
    name: 'CAVP DVPT128 count 0', key: '4ae701103c63deca5b5a3939d7d05992', nonce: '5a8aa485c316e9',
    aad: '', plain: '',
    sealed: '02209f55',
  },
  {
    name: 'CAVP DVPT128 count 60', key: '19ebfde2d5468ba0a3031bde629b11fd', nonce: '5a8aa485c316e9',
    aad: '', plain: '3796cf51b8726652a4204733b8fbb047cf00fb91a9837e22',
    sealed: 'a90e8ea44085ced791b2fdb7fd44b5cf0bd7d27718029bb703e1fa6b',
  },
  {
    name: 'CAVP empty text, 16-byte tag', key: '4bb3c4a4f893ad8c9bdc833c325d62b3', nonce: '5a8aa485c316e9',
    aad: '', plain: '',
    sealed: '75d582db43ce9b13ab4b6f7f14341330',
  },
  {
    name: 'CAVP empty text, 13-byte nonce',
    key: '4bb3c4a4f893ad8c9bdc833c325d62b3', nonce: '5a8aa485c316e9403aff859fbb',
    aad: '', plain: '',
    sealed: '90156f3f',
  },
  {
    name: 'CAVP DVPT128, 32 bytes of data', key: 'f9fdca4ac64fe7f014de0f43039c7571', nonce: '5a8aa485c316e9',
    aad: '3796cf51b8726652a4204733b8fbb047cf00fb91a9837e22ec22b1a268f88e2c',
    plain: 'a265480ca88d5f536db0dc6abc40faf0d05be7a966977768',
    sealed: '6be31860ca271ef448de8f8d8b39346daf4b81d7e92d65b338f125fa',
  },
];
