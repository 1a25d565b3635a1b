import type { Messages } from './en.ts';

/** What the bytes of headers and transactions mean, in Korean. */
export const koFields: Messages['fields'] = {
  version: { name: '버전', text: '어떤 값이든 유효합니다. 채굴자가 마음대로 바꿀 수 있습니다.' },
  prevHash: {
    name: '이전 블록 해시',
    text: '이 블록의 부모, 곧 바로 앞 블록의 해시입니다. 비트코인에서 늘 그렇듯, 바이트는 화면에 표시하는 해시와 반대 순서로 놓입니다.',
  },
  merkleRoot: { name: '머클 루트', text: '블록에 담긴 모든 거래를 대표하는 해시 하나입니다.' },
  time: {
    name: '시각',
    text: '1970년부터 센 초이며, 채굴자가 기록합니다. 앞선 블록 11개의 중앙값보다 뒤여야 하고, 너무 먼 미래여서는 안 됩니다.',
  },
  bits: {
    name: '비츠(bits)',
    text: '목표값(target)을 짧게 줄여 쓴 것입니다. 해시가 얼마나 작아야 하는지를 정합니다.',
  },
  headerNonce: { name: '논스', text: '해시가 충분히 작아질 때까지 채굴자가 바꾸어 본 값입니다.' },
  kind: { name: '종류', text: '0은 코인베이스, 1은 송금, 2는 컨트랙트 배포, 3은 컨트랙트 호출입니다.' },
  networkId: {
    name: '네트워크',
    text: '제네시스 블록 해시의 첫 부분입니다. 그래서 송금은 한 네트워크에서만 유효합니다.',
  },
  senderKey: { name: '공개 키', text: 'Ed25519 공개 키입니다. 이 키의 해시가 보낸 쪽의 주소입니다.' },
  accountNonce: {
    name: '계정 논스',
    text: '보낸 쪽이 이 송금 전까지 송금한 횟수입니다. 덕분에 송금은 순서대로, 한 번씩만 처리됩니다.',
  },
  recipient: { name: '받는 쪽', text: '주소를 이루는 20바이트입니다.' },
  amount: { name: '금액', text: '단위는 0.00000001코인이고, 가장 낮은 자리의 바이트부터 적습니다.' },
  fee: { name: '수수료', text: '블록을 채굴한 채굴자가 받습니다.' },
  contract: { name: '컨트랙트', text: '호출되는 컨트랙트입니다.' },
  gas: { name: '가스', text: '거래가 쓸 수 있는 작업량의 상한입니다. 미리 잡아 두며 돌려받지 않습니다.' },
  format: { name: '형식', text: '소스의 언어입니다. 0만 있습니다.' },
  sourceLength: { name: '소스 길이', text: '바이트 단위입니다.' },
  source: { name: '소스', text: 'TypeScript로 쓴 컨트랙트입니다.' },
  methodLength: { name: '이름 길이', text: '바이트 단위입니다.' },
  method: { name: '메서드', text: '호출되는 메서드입니다.' },
  argsLength: { name: '인자 길이', text: '바이트 단위입니다.' },
  args: { name: '인자', text: '차례로 부호화되어 있습니다.' },
  memoLength: { name: '메모 길이', text: '바이트 단위입니다.' },
  memo: { name: '메모', text: '보낸 쪽이 적은 글입니다. 누구나 읽을 수 있습니다.' },
  signature: {
    name: '서명',
    text: '앞에 있는 모든 바이트에 대한 서명입니다. 위 공개 키로 검증합니다.',
  },
  height: { name: '높이', text: '모든 코인베이스가 서로 달라지게 합니다.' },
  reward: { name: '보상', text: '새로 생긴 코인과 그 블록의 수수료를 더한 금액입니다.' },
  stateRoot: { name: '상태 루트', text: '이 블록이 적용된 뒤의 모든 계정을 대표하는 해시 하나입니다.' },
  extraNonce: {
    name: '추가 논스',
    text: '헤더의 논스를 모두 시도했을 때, 더 찾아볼 수 있게 해 주는 자리입니다.',
  },
  tagLength: { name: '태그 길이', text: '바이트 단위입니다.' },
  tag: { name: '태그', text: '채굴자가 남기고 싶은 말을 자유롭게 적습니다.' },
};
