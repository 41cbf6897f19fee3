
BprobabilitiesJ(©+;?dW—3/6Ïú»1iå9+ù`8¤ïƒ>ÎÚ*d³1<yò5